/**
 * What `npm start`, `npm run restore` and `npm test` run: brings the machine to what the project needs, then hands over to the project's
 * own Node. This file and setup/ run on Node 20 without node_modules.
 */
import { constants } from 'node:os';
import { delimiter, dirname, join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { buildPages, isBuilt } from './setup/built-pages.mjs';
import { addEnvFile, settingsLine } from './setup/env-file.mjs';
import { adviceOn, installPrograms } from './setup/install-programs.mjs';
import { tryLock } from './setup/lock-file.mjs';
import { missingOf, needsOf } from './setup/needs.mjs';
import { installNodeModules, isInstalled, projectNode } from './setup/node-modules.mjs';
import { runCommand } from './setup/run-command.mjs';
import { SetUpError } from './setup/set-up-error.mjs';

const root = dirname(dirname(fileURLToPath(import.meta.url)));
const programs = {
  start: 'infra/src/start.ts',
  restore: 'infra/src/backup/restore.ts',
  test: 'infra/src/test.ts',
};
const lockWaitMs = 20 * 60_000;

const [mode = '', ...args] = process.argv.slice(2);
const interrupted = new AbortController();
const env = { ...process.env };

function checkMachine() {
  if (!Object.hasOwn(programs, mode))
    throw new SetUpError('Usage: npm start, npm run restore -- DIR, or npm test [-- what Jest takes]');
  if (Number.parseInt(process.versions.node, 10) < 20) {
    throw new SetUpError(
      `Node ${process.versions.node} is too old: install Node 20 or newer (https://nodejs.org).`,
    );
  }
  if (!['linux', 'darwin'].includes(process.platform)) {
    throw new SetUpError(`${process.platform} is not supported: use Linux, macOS, or Windows with WSL 2.`);
  }
}

/** Not for the tests: it configures a system that somebody needs. What is started gets it as its environment. */
function readEnvFile() {
  const names = addEnvFile(root, env);
  if (names.length > 0) console.log(settingsLine(names));
}

async function setUp() {
  const needs = needsOf[mode](env);
  if (isInstalled(root) && isBuilt(root) && missingOf(needs).length === 0) return;
  const lock = await takeLock();
  try {
    if (!isInstalled(root)) await installNodeModules(root, interrupted.signal);
    if (!isBuilt(root)) await build();
    const missing = missingOf(needs);
    if (missing.length === 0) return;
    await installPrograms(missing, interrupted.signal);
    const still = missingOf(missing);
    if (still.length > 0) throw new SetUpError(adviceOn(still));
  } finally {
    lock.release();
  }
}

async function build() {
  const failure = await buildPages(root, interrupted.signal);
  if (failure)
    console.error(
      `The dashboard and the script for other sites could not be built; everything else works.\n\n${failure}\n`,
    );
}

/** Two set-ups at once would take each other's node_modules away. */
async function takeLock() {
  const deadline = Date.now() + lockWaitMs;
  for (let told = false; ; told = true) {
    const lock = tryLock(join(root, '.data', 'set-up.lock'), 'setup.mjs');
    if (lock.release) return lock;
    if (Date.now() > deadline)
      throw new SetUpError(`Process ${lock.heldBy} has been setting up for too long: end it and try again.`);
    if (!told)
      console.log(`Another set-up is under way in this checkout (process ${lock.heldBy}); waiting for it.`);
    await sleep(500, undefined, { signal: interrupted.signal });
  }
}

async function main() {
  checkMachine();
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP']) process.on(signal, () => interrupted.abort(signal));
  if (mode !== 'test') readEnvFile();
  await setUp();
  // A signal may have come while nothing here could yield to it.
  await sleep(0, undefined, { signal: interrupted.signal });

  const path = [join(root, 'node_modules', '.bin'), env.PATH].filter(Boolean).join(delimiter);
  return runCommand(projectNode(root), [join(root, programs[mode]), ...args], {
    cwd: root,
    env: { ...env, PATH: path },
  });
}

try {
  process.exitCode = await main();
} catch (cause) {
  // A signal ends our children, too, and their failure may be noticed first.
  await sleep(0);
  const signal = interrupted.signal.reason;
  if (signal)
    console.error(
      `\nInterrupted. The next \`npm ${mode === 'restore' ? 'run restore' : mode}\` takes it up again.`,
    );
  else console.error(`\n${cause instanceof SetUpError ? cause.message : (cause?.stack ?? cause)}`);
  process.exitCode = signal ? 128 + constants.signals[signal] : 1;
}
