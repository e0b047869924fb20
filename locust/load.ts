import { spawn } from 'node:child_process';
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { constants, tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import {
  type ClientKeys,
  clientKeys,
  isLoopback,
  keyProblem,
  readRunningStores,
} from '@event-tracker/runtime';
import { comparison, type Run, readTotals } from './comparison.ts';
import { findLocust } from './find-locust.ts';
import { type LedgerAnswer, readLedger, readSettledLedger } from './ledger.ts';
import { makePosts } from './posts.ts';
import { sampleCpu } from './process-cpu.ts';
import { Refusal } from './refusal.ts';

const usage =
  'npm run load -- [--users N[,N]] [--spawn-rate N] [--time 60s] [--compare] [--host URL [--allow-remote]]; --time is Locust’s: 90s, 2m, 1h30m; --compare: 500 users, 10 a second, 5m, beside the predecessor’s figures';

// As long as a request may take in the locustfile: an answer under way at the end still counts.
const stopTimeoutSeconds = 10;
const settleMs = 60_000;

const here = (path: string) => fileURLToPath(new URL(path, import.meta.url));
const report = here('report.html');
const comparisonMark = /(<!-- comparison -->\n)[\s\S]*(<!-- end of comparison -->)/;

try {
  process.exitCode = await load(process.argv.slice(2));
} catch (error) {
  if (!(error instanceof Refusal)) throw error;
  console.error(error.message);
  process.exitCode = 1;
}

/** Runs the scenario and returns Locust's exit code: not 0 when any request failed. */
async function load(argv: string[]): Promise<number> {
  const options = readOptions(argv);
  const { apiKey, adminToken } = options;
  const before = await readLedger(options.host, adminToken);
  if (before.kind === 'unreachable') throw new Refusal(`Nothing to load: ${before.reason}`);
  const problem = await keyProblem(options.host, apiKey);
  if (problem) throw new Refusal(problem);
  const locust = findLocust(here('../.data/locust'));
  if (!locust) {
    throw new Refusal(
      'Locust is missing and could not be installed: put `locust` on the PATH (pipx install locust), or install Python 3 with its venv module.',
    );
  }
  const made = await makePosts(options.host, apiKey ? { authorization: `Bearer ${apiKey}` } : {});
  if (made > 0) console.log(`${made} posts are made for the searches.`);

  // An old report must not pass for this run's.
  rmSync(report, { force: true });
  const runs: Run[] = [];
  let exitCode = 0;
  for (const users of options.users) {
    console.log(`${users} users, one request a second each, for ${options.time} against ${options.host}`);
    const run = await runLocust(locust, options, users);
    exitCode ||= run.exitCode;
    if (run.result === undefined) break;
    runs.push(run.result);
  }
  console.log(existsSync(report) ? `Report: ${report}` : 'Locust wrote no report.');
  for (const { users, cpu } of runs) {
    for (const { name, mean, lowest, highest } of cpu)
      console.log(
        `CPU, ${users} users: ${name} ${mean.toFixed(0)} % (${lowest.toFixed(0)} to ${highest.toFixed(0)} %)`,
      );
  }
  if (options.compare && runs.length > 0) writeComparison(comparison(runs));
  await printBooks(before, () => readLedger(options.host, adminToken));
  return exitCode;
}

function writeComparison(table: string): void {
  console.log(`\n${table}\n`);
  const file = here('README.md');
  writeFileSync(
    file,
    readFileSync(file, 'utf8').replace(comparisonMark, (_, start, end) => `${start}\n${table}\n\n${end}`),
  );
}

type Options = ClientKeys & {
  users: number[];
  /** Where no rate is given, all users have come after so long. */
  spawnSeconds: number;
  spawnRate: number | undefined;
  time: string;
  host: string;
  compare: boolean;
};

function readOptions(argv: string[]): Options {
  const values = parse(argv);
  const { compare } = values;
  const users = (values.users ?? (compare ? '500' : '100'))
    .split(',')
    .map((text) => positive('--users', text));
  if (!users.every(Number.isInteger)) throw new Refusal('--users must be whole numbers.');
  const spawnRate = values['spawn-rate'];
  const host = readHost(values.host, values['allow-remote']);
  return {
    users,
    spawnSeconds: compare ? 50 : 10,
    spawnRate: spawnRate === undefined ? undefined : positive('--spawn-rate', spawnRate),
    time: values.time ?? (compare ? '5m' : '60s'),
    host,
    compare,
    ...clientKeys(host, process.env),
  };
}

function parse(args: string[]) {
  try {
    return parseArgs({
      args,
      options: {
        users: { type: 'string' },
        'spawn-rate': { type: 'string' },
        time: { type: 'string' },
        compare: { type: 'boolean', default: false },
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
  if (given !== undefined && !isLoopback(url.hostname) && !allowRemote) {
    throw new Refusal(`${url.hostname} is not this machine: give --host with --allow-remote if you mean it.`);
  }
  return url.origin + url.pathname.replace(/\/+$/, '');
}

/** One run. Without a result it was broken off before Locust wrote its figures. */
async function runLocust(
  command: string,
  { spawnSeconds, spawnRate, time, host, apiKey }: Options,
  users: number,
): Promise<{ exitCode: number; result: Run | undefined }> {
  const folder = mkdtempSync(join(tmpdir(), 'event-tracker-load-'));
  const rate = spawnRate ?? Math.max(1, users / spawnSeconds);
  const flags = ['--headless', '--only-summary', '--exit-code-on-error', '1', '--csv', join(folder, 'run')];
  const size = ['--users', `${users}`, '--spawn-rate', `${rate}`, '--run-time', time];
  const stop = ['--stop-timeout', `${stopTimeoutSeconds}`];
  const args = ['-f', here('locustfile.py'), '--host', host, '--html', report, ...flags, ...size, ...stop];
  // A process group of its own, because a terminal's Ctrl-C would reach it beside the one forwarded here, and a second
  // SIGINT breaks off the report that the first one asks for.
  const env = { ...process.env, ...(apiKey && { API_KEY: apiKey }) };
  const child = spawn(command, args, { stdio: ['ignore', 'inherit', 'inherit'], detached: true, env });
  const endSampling = sampleCpu(readRunningStores()?.pid, { Locust: child.pid ?? 0 });
  let interrupted = false;
  // SIGTERM, too, is forwarded as SIGINT: on SIGTERM some versions of Locust write no report.
  const release = onInterrupt(() => {
    if (!interrupted) child.kill('SIGINT');
    interrupted = true;
  });
  try {
    const exitCode = await new Promise<number>((resolve, reject) => {
      child.on('error', reject);
      child.on('close', (code, signal) => resolve(code ?? 128 + constants.signals[signal ?? 'SIGKILL']));
    });
    const cpu = endSampling();
    const stats = join(folder, 'run_stats.csv');
    const result =
      !interrupted && existsSync(stats) ? { users, time, totals: readTotals(stats), cpu } : undefined;
    return { exitCode, result };
  } finally {
    endSampling();
    release();
    rmSync(folder, { recursive: true, force: true });
  }
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
