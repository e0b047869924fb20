import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { closeSync, openSync, readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { poll } from './poll.ts';

/** A real API or worker process. */
export interface TestProcess {
  pid: number;
  /** Such as http://127.0.0.1:41234. */
  url: string;
  signal(signal: NodeJS.Signals): void;
  /** Resolves with the exit code, or with the signal that ended it. */
  ended: Promise<number | NodeJS.Signals>;
  /** Ends it in order; resolves with its exit code. */
  stop(): Promise<number | NodeJS.Signals>;
  /** What it has logged so far. */
  output(): string;
}

type Environment = Record<string, string | undefined>;

/** The admin token of every process that a test starts, unless it names others. */
export const adminToken = 'an-admin-token-of-the-tests';
/** Headers of a request that an admin makes. */
export const asAdmin = { authorization: `Bearer ${adminToken}` };

/** Where a process logs to: by default into this one's memory, which a long run would fill. */
export interface Log {
  /** A new file. */
  file: string;
}

const mains = { api: 'apps/api/src/main.ts', worker: 'apps/worker/src/main.ts' };
const ownRoot = fileURLToPath(new URL('../../..', import.meta.url));

/** A start compiles what it imports, which takes more than a second of CPU; with what the last one compiled, half of it. */
export const compileCache = {
  NODE_COMPILE_CACHE: `${ownRoot}node_modules/.cache/node-compile`,
};

/** An API on a free port, of this checkout or another. Resolves when it listens; `readyz` may still say no. */
export function startApi(env: Environment, log?: Log, root = ownRoot): Promise<TestProcess> {
  return startProcess('api', { PORT: '0', ...env }, log, root);
}

/**
 * A worker with its probes on a free port, of this checkout or another. Resolves when it listens; it may still wait for
 * its stores.
 */
export function startWorker(env: Environment, log?: Log, root = ownRoot): Promise<TestProcess> {
  return startProcess('worker', { WORKER_PORT: '0', ...env }, log, root);
}

/** Processes that a test file has started; a leak would outlive it. */
const running = new Set<ChildProcess>();
process.on('exit', () => {
  for (const child of running) child.kill('SIGKILL');
});

async function startProcess(
  kind: keyof typeof mains,
  env: Environment,
  log?: Log,
  root = ownRoot,
): Promise<TestProcess> {
  const file = log && openSync(log.file, 'w');
  const child = spawn(process.execPath, [mains[kind]], {
    cwd: root,
    env: {
      PATH: process.env.PATH,
      ...compileCache,
      LOG_LEVEL: 'info',
      DRAIN_DELAY_MS: '0',
      ADMIN_TOKENS: adminToken,
      ...env,
    },
    stdio: ['ignore', file ?? 'pipe', file ?? 'pipe'],
  });
  if (file !== undefined) closeSync(file);
  running.add(child);
  let piped = '';
  child.stdout?.on('data', (chunk) => (piped += chunk));
  child.stderr?.on('data', (chunk) => (piped += chunk));
  const output = () => (log ? readFileSync(log.file, 'utf8') : piped);
  const ended = once(child, 'exit').then(([code, signal]) => {
    running.delete(child);
    return (code ?? signal) as number | NodeJS.Signals;
  });
  const url = await poll(
    () => {
      if (child.exitCode !== null) throw new Error(`the ${kind} ended at its start:\n${output()}`);
      return /"address":"(http[^"]+)"/.exec(output())?.[1];
    },
    { what: `the start of the ${kind}` },
  ).catch((cause) => {
    child.kill('SIGKILL');
    throw cause;
  });
  return {
    pid: child.pid!,
    url,
    signal: (signal) => void child.kill(signal),
    ended,
    stop() {
      child.kill('SIGCONT');
      child.kill('SIGTERM');
      return ended;
    },
    output,
  };
}

/** Waits until a process's /readyz answers 200. */
export async function untilReady(process: TestProcess): Promise<void> {
  await poll(async () => ((await fetch(`${process.url}/readyz`)).ok ? true : undefined), {
    what: `the readiness of ${process.url}`,
  });
}

/** The most memory that a process has had so far, in bytes. Linux alone says it. */
export function peakMemory({ pid }: TestProcess): number {
  const status = readFileSync(`/proc/${pid}/status`, 'utf8');
  return Number(/VmHWM:\s+(\d+)/.exec(status)![1]) * 1024;
}
