import { closeSync } from 'node:fs';
import { setTimeout as sleep } from 'node:timers/promises';
import type { OwnProcess } from './own-process.ts';
import { freePort, listenProblem } from './ports.ts';
import { openLog, rememberedPort, rememberPort, storeFiles } from './store-files.ts';
import { UserError } from './user-error.ts';

export interface StoreOptions {
  /** The store's folder; made when it is not there. What is in it is found again. */
  dataDir: string;
  /** This port or none. Without it: the port of the last time, else `preferredPort`, else a free one. */
  port?: number;
  preferredPort?: number;
  /** Settings of the server beyond ours, as its configuration file spells them. */
  settings?: Readonly<Record<string, string | number>>;
  /** Hears what the reader should know: a leftover that was ended, a folder that had to be elsewhere. */
  say?: (line: string) => void;
  /** Gives up waiting until it answers: the server is ended and the signal's reason thrown. */
  signal?: AbortSignal;
}

/** A running store. Listens on 127.0.0.1 only, with a password that is part of the URL. */
export interface Store extends OwnProcess {
  url: string;
  port: number;
}

interface Launch {
  name: string;
  dir: string;
  spawn: (port: number, output: number) => Promise<OwnProcess>;
  isReady: (port: number, pid: number) => Promise<boolean>;
  options: Pick<StoreOptions, 'port' | 'preferredPort' | 'signal'>;
}

/** Milliseconds; reading a long log back after a crash takes most of it. */
const readyLimitMs = 120_000;
const mostAttempts = 40;

/** Starts a server and waits until it answers; on another port when someone was faster. Throws a UserError. */
export async function launchStore({
  name,
  dir,
  spawn,
  isReady,
  options,
}: Launch): Promise<{ server: OwnProcess; port: number }> {
  const deadline = Date.now() + readyLimitMs;
  for (let attempt = 1; ; attempt++) {
    const port = await choosePort(name, dir, options);
    const log = openLog(dir);
    const server = await spawn(port, log.fd).finally(() => closeSync(log.fd));
    const outcome = await Promise.race([
      server.ended,
      untilReady(() => isReady(port, server.pid), server, { deadline, signal: options.signal }),
    ]);
    if (outcome === 'ready') {
      rememberPort(dir, port);
      return { server, port };
    }
    const said = log.tail();
    const mayPass = attempt < mostAttempts && Date.now() < deadline;
    if (mayPass && options.port === undefined && /address already in use|could not bind/i.test(said))
      continue;
    if (mayPass && /pre-existing shared memory block/i.test(said)) {
      // The last children of a PostgreSQL that was killed are still ending.
      await sleep(250);
      continue;
    }
    throw new UserError(
      `${name} ${outcome} before it was ready. The end of its log (${storeFiles(dir).log}):\n\n${said}`,
    );
  }
}

async function choosePort(
  name: string,
  dir: string,
  { port, preferredPort }: Launch['options'],
): Promise<number> {
  if (port === undefined)
    return freePort([...rememberedPort(dir), ...(preferredPort ? [preferredPort] : [])]);
  const problem = await listenProblem(port, '127.0.0.1');
  if (problem === undefined) return port;
  const why = problem === 'EADDRINUSE' ? 'is taken' : `can't be used (${problem})`;
  throw new UserError(`Port ${port} on 127.0.0.1 ${why}, so ${name} can't start there.`);
}

async function untilReady(
  isReady: () => Promise<boolean>,
  server: OwnProcess,
  { deadline, signal }: { deadline: number; signal: AbortSignal | undefined },
): Promise<string> {
  let over = false;
  void server.ended.then(() => {
    over = true;
  });
  while (!over && Date.now() < deadline) {
    if (await isReady()) return 'ready';
    if (signal?.aborted) {
      await server.stop();
      throw signal.reason;
    }
    await sleep(15);
  }
  if (over) return server.ended;
  server.signal('SIGKILL');
  await server.ended;
  return `did not answer within ${readyLimitMs / 1000} s and was ended`;
}
