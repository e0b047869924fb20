import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { guard } from './guard.ts';
import type { Identity } from './identity.ts';
import { eraseRecord, writeRecord } from './process-record.ts';
import { UserError } from './user-error.ts';

/** How to end a process: signals in order, each with the time it gets (milliseconds). SIGKILL follows the last. */
export type EndSteps = readonly { signal: NodeJS.Signals; limitMs: number }[];

export interface OwnProcessOptions {
  /** As a sentence begins with it: 'PostgreSQL', 'The API'. */
  name: string;
  command: string;
  args: readonly string[];
  /** Written while the process lives, for a later start to find it should we be killed. */
  recordFile: string;
  endSteps: EndSteps;
  cwd?: string;
  env?: NodeJS.ProcessEnv;
  identity?: Identity | undefined;
  /** A file descriptor for its output; by default it shares ours. */
  output?: number;
}

export interface OwnProcess {
  name: string;
  pid: number;
  /** Resolves when it has ended, to how: 'ended with code 1', 'was ended by SIGKILL'. */
  ended: Promise<string>;
  /** True once `stop` was called, so that an end is expected. */
  isStopping(): boolean;
  /** Ends it and waits until it is gone. Throws when it had to be killed, or ended otherwise than with code 0, now or before. */
  stop(): Promise<void>;
  /** Ends it with the given signal at once, without waiting: for tests of crashes and hangs. */
  signal(signal: NodeJS.Signals): void;
}

/**
 * Starts a child in a process group of its own, out of reach of a terminal's Ctrl-C: we alone decide when it ends.
 * Should we be killed ourselves, the guard ends it; and should that be gone, too, the next start does.
 */
export async function startOwnProcess(options: OwnProcessOptions): Promise<OwnProcess> {
  const { name, command, args, recordFile, endSteps, cwd, env, identity, output = 'inherit' } = options;
  const child = spawn(command, args, {
    cwd,
    env,
    uid: identity?.uid,
    gid: identity?.gid,
    detached: true,
    stdio: ['ignore', output, output],
  });
  const exit = new Promise<Exit>((resolve) => {
    child.once('exit', (code, signal) => resolve({ code, signal }));
  });
  await once(child, 'spawn');
  const pid = child.pid as number;
  const release = guard(pid, endSteps[0]?.signal ?? 'SIGKILL');
  writeRecord(recordFile, { pid, owner: process.pid });

  let stopping: Promise<void> | undefined;
  const ended = exit.then((outcome) => {
    release();
    eraseRecord(recordFile);
    return how(outcome);
  });

  async function end(): Promise<void> {
    for (const { signal, limitMs } of endSteps) {
      child.kill(signal);
      if (await within(exit, limitMs)) return check();
    }
    child.kill('SIGKILL');
    await ended;
    throw new UserError(`${name} (process ${pid}) did not end in time and was killed.`);
  }

  async function check(): Promise<void> {
    const { code, signal } = await exit;
    await ended;
    // By our own signal: it had not come so far as to listen to it.
    if (code === 0 || (stopping && signal === endSteps[0]?.signal)) return;
    throw new UserError(`${name} (process ${pid}) did not end well: it ${how({ code, signal })}.`);
  }

  return {
    name,
    pid,
    ended,
    isStopping: () => stopping !== undefined,
    stop: () => {
      stopping ??= child.exitCode !== null || child.signalCode !== null ? check() : end();
      return stopping;
    },
    signal: (signal) => void child.kill(signal),
  };
}

interface Exit {
  code: number | null;
  signal: NodeJS.Signals | null;
}

const how = ({ code, signal }: Exit): string =>
  signal ? `was ended by ${signal}` : `ended with code ${code}`;

/** Whether the promise resolved within the limit. */
async function within(promise: Promise<unknown>, limitMs: number): Promise<boolean> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<boolean>((resolve) => {
    timer = setTimeout(() => resolve(false), limitMs);
  });
  try {
    return await Promise.race([promise.then(() => true), late]);
  } finally {
    clearTimeout(timer);
  }
}
