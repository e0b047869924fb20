/**
 * `npm start`: PostgreSQL, Redis, one API and one worker in the foreground, until a signal or until one of them ends.
 * What is started goes on a stack and is ended from its top: API, worker, Redis, PostgreSQL.
 */
import { dirname, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { createClosers, runningStoresFile } from '@event-tracker/runtime';
import { explain } from './explain.ts';
import { takeStartLock } from './start-lock.ts';
import { startSystem } from './start-system.ts';

const root = resolve(fileURLToPath(new URL('../..', import.meta.url)));
const dataDir = dirname(runningStoresFile);
const stop = new AbortController();
let exitCode = 0;

function fail(message: string): void {
  exitCode = 1;
  console.error(`\n${message}\n`);
}

// A signal may come twice, from the terminal and from npm: the first counts.
for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.on(signal, () => stop.abort(signal));
// Leaves the terminal's ^C on a line of its own.
stop.signal.addEventListener('abort', () => process.stdout.isTTY && console.log());
// The terminal may be gone before we are; ending in order matters more than saying so.
for (const stream of [process.stdout, process.stderr]) stream.on('error', () => {});

const closers = createClosers((_name, cause) => fail(explain(cause)));
try {
  closers.add('the lock', takeStartLock(root, dataDir));
  await startSystem({
    root,
    dataDir,
    env: process.env,
    closers,
    signal: stop.signal,
  });
} catch (cause) {
  if (!stop.signal.aborted) fail(explain(cause));
}
await closers.closeAll().catch(() => {});
if (exitCode === 0) console.log('Everything has ended.');
process.exit(exitCode);
