import { get } from 'node:http';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { type OwnProcess, startOwnProcess } from './own-process.ts';
import { UserError } from './user-error.ts';

/** The processes of ours that `npm start` runs, in the order in which they end: nothing arrives before the rest drains. */
export const apps = {
  api: { name: 'The API', program: 'apps/api/src/main.ts', config: 'apps/api/src/config.ts' },
  worker: { name: 'The worker', program: 'apps/worker/src/main.ts', config: 'apps/worker/src/config.ts' },
} as const;

export type App = keyof typeof apps;

export const appProgram = (root: string, app: App): string => join(root, apps[app].program);
export const appRecord = (dataDir: string, app: App): string => join(dataDir, `${app}.json`);

/** They drain within 20 s by contract; a little more, then they are killed (milliseconds). */
const endSteps = [{ signal: 'SIGTERM', limitMs: 25_000 }] as const;
const readyLimitMs = 60_000;
const answerLimitMs = 3_000;

export function startApp(
  app: App,
  { root, dataDir, env }: { root: string; dataDir: string; env: NodeJS.ProcessEnv },
): Promise<OwnProcess> {
  return startOwnProcess({
    name: apps[app].name,
    command: process.execPath,
    args: [appProgram(root, app)],
    recordFile: appRecord(dataDir, app),
    endSteps,
    cwd: root,
    env,
  });
}

/** Waits until /readyz answers 200. Throws a UserError with what it said last when that takes too long. */
export async function untilReady(name: string, baseUrl: string, signal: AbortSignal): Promise<void> {
  const deadline = Date.now() + readyLimitMs;
  let last: Answer = { status: 0, body: 'no answer' };
  while (last.status !== 200) {
    signal.throwIfAborted();
    if (Date.now() > deadline) {
      throw new UserError(
        `${name} is not ready after ${readyLimitMs / 1000} s. ${baseUrl}/readyz: ${last.status || ''} ${last.body}`,
      );
    }
    await sleep(50);
    last = await ask(`${baseUrl}/readyz`);
  }
}

interface Answer {
  status: number;
  body: string;
}

function ask(url: string): Promise<Answer> {
  return new Promise((resolve) => {
    const fail = (cause: Error) => resolve({ status: 0, body: cause.message });
    // No agent: a connection that is kept alive would be in the way of the drain.
    const request = get(url, { agent: false, signal: AbortSignal.timeout(answerLimitMs) }, (response) => {
      let body = '';
      response.setEncoding('utf8').on('data', (chunk: string) => {
        body = (body + chunk).slice(0, 2_000);
      });
      response.once('error', fail);
      response.once('end', () => resolve({ status: response.statusCode ?? 0, body }));
    });
    request.once('error', fail);
  });
}
