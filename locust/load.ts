import { spawn } from 'node:child_process';
import { existsSync, rmSync } from 'node:fs';
import { constants } from 'node:os';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { isLoopback, readRunningStores } from '@event-tracker/runtime';
import { findLocust } from './find-locust.ts';
import { type LedgerAnswer, readLedger, readSettledLedger } from './ledger.ts';

const usage =
  'npm run load -- [--users N] [--spawn-rate N] [--time 60s] [--host URL [--allow-remote]]; --time is Locust’s: 90s, 2m, 1h30m';

// As long as a request may take in the locustfile: an answer under way at the end still counts.
const stopTimeoutSeconds = 10;
const settleMs = 60_000;

const here = (path: string) => fileURLToPath(new URL(path, import.meta.url));
const report = here('report.html');

class Refusal extends Error {}

try {
  process.exitCode = await load(process.argv.slice(2), process.env.ADMIN_TOKEN);
} catch (error) {
  if (!(error instanceof Refusal)) throw error;
  console.error(error.message);
  process.exitCode = 1;
}

/** Runs the scenario and returns Locust's exit code: not 0 when any request failed. */
async function load(argv: string[], adminToken: string | undefined): Promise<number> {
  const options = readOptions(argv);
  const locust = findLocust(here('../.data/locust'));
  if (!locust) {
    throw new Refusal(
      'Locust is missing and could not be installed: put `locust` on the PATH (pipx install locust), or install Python 3 with its venv module.',
    );
  }
  const before = await readLedger(options.host, adminToken);
  if (before.kind === 'unreachable') throw new Refusal(`Nothing to load: ${before.reason}`);

  console.log(
    `${options.users} users, one request a second each, for ${options.time} against ${options.host}`,
  );
  // An old report must not pass for this run's.
  rmSync(report, { force: true });
  const exitCode = await runLocust(locust, options);
  console.log(existsSync(report) ? `Report: ${report}` : 'Locust wrote no report.');

  await printBooks(before, () => readLedger(options.host, adminToken));
  return exitCode;
}

type Options = { users: number; spawnRate: number; time: string; host: string };

function readOptions(argv: string[]): Options {
  const values = parse(argv);
  const users = positive('--users', values.users);
  if (!Number.isInteger(users)) throw new Refusal('--users must be a whole number.');
  const spawnRate = values['spawn-rate'];
  return {
    users,
    spawnRate: spawnRate === undefined ? Math.max(1, users / 10) : positive('--spawn-rate', spawnRate),
    time: values.time,
    host: readHost(values.host, values['allow-remote']),
  };
}

function parse(args: string[]) {
  try {
    return parseArgs({
      args,
      options: {
        users: { type: 'string', default: '100' },
        'spawn-rate': { type: 'string' },
        time: { type: 'string', default: '60s' },
        host: { type: 'string' },
        'allow-remote': { type: 'boolean', default: false },
      },
    }).values;
  } catch (error) {
    throw new Refusal(`${(error as Error).message}\n${usage}`);
  }
}

function positive(name: string, text: string): number {
  const value = Number(text);
  if (!Number.isFinite(value) || value <= 0) throw new Refusal(`${name} must be a number above 0.\n${usage}`);
  return value;
}

function readHost(given: string | undefined, allowRemote: boolean): string {
  const host = given ?? readRunningStores()?.apiUrl;
  if (host === undefined)
    throw new Refusal('No `npm start` runs in this checkout: start it, or give --host.');
  const url = URL.parse(host);
  if (!url || !/^https?:$/.test(url.protocol)) throw new Refusal(`${host} is not an http or https address.`);
  // A typing error must not flood somebody else's server.
  if (!isLoopback(url.hostname) && !(given !== undefined && allowRemote)) {
    throw new Refusal(`${url.hostname} is not this machine: give --host with --allow-remote if you mean it.`);
  }
  return url.origin + url.pathname.replace(/\/+$/, '');
}

function runLocust(command: string, { users, spawnRate, time, host }: Options): Promise<number> {
  const flags = ['--headless', '--only-summary', '--exit-code-on-error', '1'];
  const size = ['--users', `${users}`, '--spawn-rate', `${spawnRate}`, '--run-time', time];
  const stop = ['--stop-timeout', `${stopTimeoutSeconds}`];
  const args = ['-f', here('locustfile.py'), '--host', host, '--html', report, ...flags, ...size, ...stop];
  return new Promise((resolve, reject) => {
    // A process group of its own, because a terminal's Ctrl-C would reach it beside the one forwarded here, and a
    // second SIGINT breaks off the report that the first one asks for.
    const child = spawn(command, args, { stdio: ['ignore', 'inherit', 'inherit'], detached: true });
    let forwarded = false;
    // SIGTERM, too, is forwarded as SIGINT: on SIGTERM some versions of Locust write no report.
    const release = onInterrupt(() => {
      if (!forwarded) child.kill('SIGINT');
      forwarded = true;
    });
    child.on('error', reject);
    child.on('close', (code, signal) => {
      release();
      resolve(code ?? 128 + constants.signals[signal ?? 'SIGKILL']);
    });
  });
}

/** Prints what the books gained since `before`. An interrupt ends the wait for what is still in flight. */
async function printBooks(before: LedgerAnswer, read: () => Promise<LedgerAnswer>): Promise<void> {
  if (before.kind !== 'read') return console.log(`No books to compare: ${before.reason}`);
  const impatience = new AbortController();
  const release = onInterrupt(() => impatience.abort());
  const after = await readSettledLedger(read, settleMs, impatience.signal);
  release();
  if (after.kind !== 'read') return console.log(`No books to compare: ${after.reason}`);

  const gained = (name: 'received' | 'stored' | 'duplicate' | 'dead') =>
    `${(after.ledger[name] - before.ledger[name]).toLocaleString('en')} ${name}`;
  console.log(`Books: ${gained('received')}, ${gained('stored')}, ${gained('duplicate')}, ${gained('dead')}`);
  const { inFlight, missing } = after.ledger;
  if (inFlight !== 0) console.log(`Not at rest: ${inFlight ?? 'an unknown number'} still in flight`);
  if (missing) console.log(`Missing: ${missing.toLocaleString('en')} acknowledged, and in no book`);
}

function onInterrupt(listener: () => void): () => void {
  process.on('SIGINT', listener).on('SIGTERM', listener);
  return () => void process.off('SIGINT', listener).off('SIGTERM', listener);
}
