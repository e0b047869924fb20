import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { untilReady } from '@event-tracker/testing';
import { compareSystems } from '../kit/compare-systems.ts';
import { createClient } from '../kit/http.ts';
import type { Bench, Part } from '../kit/part.ts';
import { probeVisibility } from '../kit/probe.ts';
import { type Load, watchUsage } from '../kit/process-usage.ts';
import { inTurn, quantile, sum } from '../kit/rounds.ts';
import { untilAddedUp } from '../kit/settled.ts';
import { type Stores, startStores } from '../kit/stores.ts';
import { environment, type System, thisSystem } from '../kit/system.ts';
import { figure, spread, table } from '../kit/table.ts';
import { type Answers, runWrk, singleEvents, writeBodies } from '../kit/wrk.ts';

export const cost: Part = {
  name: 'cost',
  about:
    'What an event costs at the rates that sites have: single events at an even rate, whatever the answers do, one API and one worker. CPU of API, worker, PostgreSQL with all its backends and Redis together, without the load generator; then, in a time of its own, from sent to visible in GET /api/statistics.',
  takes: { scenario: true, versus: true },
  run,
};

const rates = [0, 50, 200, 1000, 3000];

/** The most CPU time an event, in ms, by rate; at rest, of a processor. */
const sought: Readonly<Record<number, string>> = { 0: '0.03 cores', 50: '2', 200: '1', 1000: '0.4' };

/** A clock of a process ticks in 10 ms: at low rates a second has few of them. */
const cpuSecondsMin = 10;
const warmUp = { perSecond: 1000, seconds: 3 };

interface Cost {
  answers: Answers | undefined;
  loads: Record<'api' | 'worker' | 'postgres' | 'redis', Load>;
  transactionsPerSecond: number;
  visibleMs: number[];
}

const cpuOf = ({ loads }: Cost) => sum(Object.values(loads).map(({ cpuSeconds }) => cpuSeconds));
const coresOf = ({ loads }: Cost) => sum(Object.values(loads).map(({ cores }) => cores));
const msPerEvent = (cost: Cost) => (cpuOf(cost) * 1000) / (cost.answers?.succeeded ?? Number.NaN);

async function run(bench: Bench): Promise<string[]> {
  const stores = await startStores(bench);
  const bodies = join(stores.folder, 'bodies');
  writeBodies(bodies, singleEvents(bench));
  const cpuSeconds = bench.quick ? bench.seconds : Math.max(cpuSecondsMin, bench.seconds);
  const about = `${stores.about} ${bench.connections} connections, ${bench.rounds} rounds of ${cpuSeconds} s a rate.`;
  const measure = (system: System) => measureRates({ system, stores, bodies, bench, cpuSeconds });
  if (bench.versus) {
    const each = (name: string, of: (cost: Cost) => number) =>
      rates.map((rate, at): [string, (all: Cost[]) => number] => [
        `${name} at ${rate}/s`,
        (all) => of(all[at]!),
      ]);
    const compared = await compareSystems(bench, {
      cases: { 'single events': measure },
      figures: Object.fromEntries([
        ...each('CPU ms an event', msPerEvent),
        ...each('cores', coresOf),
        ...each('transactions/s', (one) => one.transactionsPerSecond),
        ...each('visible p99 ms', (one) => quantile(one.visibleMs, 0.99)),
      ]),
    });
    return [about, compared];
  }

  const { all } = await inTurn({
    sides: { all: () => measure(thisSystem) },
    rounds: bench.rounds,
    onMeasured: (round, _, costs) =>
      bench.say(
        `  ${round}  ${costs.map((one, at) => `${rates[at]}/s: ${figure(at === 0 ? coresOf(one) : msPerEvent(one))}`).join(', ')} (cores at rest, ms an event)`,
      ),
  });
  const shown = (of: (cost: Cost) => number) => (_: number, at: number) =>
    spread(all.map((costs) => of(costs[at]!)));
  const load = (name: keyof Cost['loads']) => shown(({ loads }) => loads[name].cores);
  return [
    about,
    table(
      [
        { head: 'events/s', cell: (rate) => rate },
        { head: 'reached', cell: shown((one) => one.answers?.perSecond ?? Number.NaN) },
        { head: 'CPU, ms an event', cell: shown(msPerEvent) },
        { head: 'sought', cell: (rate) => sought[rate] ?? '–' },
        { head: 'all, cores', cell: shown(coresOf) },
        { head: 'API', cell: load('api') },
        { head: 'worker', cell: load('worker') },
        { head: 'PostgreSQL', cell: load('postgres') },
        { head: 'Redis', cell: load('redis') },
        { head: 'transactions/s', cell: shown((one) => one.transactionsPerSecond) },
        { head: '202, p50 ms', cell: shown((one) => one.answers?.p50Ms ?? Number.NaN) },
        { head: '202, p99 ms', cell: shown((one) => one.answers?.p99Ms ?? Number.NaN) },
        { head: 'visible, p50 ms', cell: shown((one) => quantile(one.visibleMs, 0.5)) },
        { head: 'visible, p99 ms', cell: shown((one) => quantile(one.visibleMs, 0.99)) },
        { head: 'errors', cell: (_, at) => sum(all.map((costs) => costs[at]!.answers?.errors ?? 0)) },
      ],
      rates,
    ),
    'Visible: from sent until the answer that counted it, looked for every 3 ms. Sought: p99 250 ms; at rest 5 transactions/s.',
  ];
}

/** Starts the processes, and goes through all rates. */
async function measureRates(options: {
  system: System;
  stores: Stores;
  bodies: string;
  bench: Bench;
  cpuSeconds: number;
}): Promise<Cost[]> {
  const { system, stores, bodies, bench, cpuSeconds } = options;
  await stores.settle();
  const database = await stores.createDatabase(system);
  const env = environment(database.url, stores);
  const [api, worker] = await Promise.all([system.startApi(env), system.startWorker(env)]);
  const client = createClient(api.url);
  const load = (rate: number, seconds: number) =>
    runWrk({
      url: `${api.url}/api/events`,
      bodies,
      connections: bench.connections,
      seconds,
      rate,
      signal: bench.signal,
    });

  async function measure(rate: number): Promise<Cost> {
    await untilAddedUp(client);
    const transactions = await countTransactions(stores);
    const began = performance.now();
    const usage = watchUsage({
      api: api.pid,
      worker: worker.pid,
      postgres: { family: stores.postgresPid },
      redis: stores.redisPids,
    });
    const answers = rate === 0 ? undefined : await load(rate, cpuSeconds);
    // At rest it is the time itself that is measured.
    if (rate === 0) await pause(cpuSeconds * 1000, undefined, { signal: bench.signal });
    const loads = usage();
    const seconds = (performance.now() - began) / 1000;
    const transactionsPerSecond = ((await countTransactions(stores)) - transactions) / seconds;
    return { answers, loads, transactionsPerSecond, visibleMs: await visibility(rate) };
  }

  async function visibility(rate: number): Promise<number[]> {
    const until = performance.now() + bench.seconds * 1000;
    const [seen] = await Promise.all([
      probeVisibility(api.url, until - 200),
      rate === 0 ? undefined : load(rate, bench.seconds),
    ]);
    return seen.map((one) => one.sinceSent);
  }

  try {
    await Promise.all([untilReady(api), untilReady(worker)]);
    await load(warmUp.perSecond, Math.min(warmUp.seconds, cpuSeconds));
    const costs: Cost[] = [];
    for (const rate of rates) costs.push(await measure(rate));
    return costs;
  } finally {
    client.close();
    await api.stop();
    await worker.stop();
    await database.drop();
  }
}

async function countTransactions({ admin }: Stores): Promise<number> {
  const { rows } = await admin.query<{ transactions: string }>(
    'select sum(xact_commit + xact_rollback) as transactions from pg_stat_database',
  );
  return Number(rows[0]!.transactions);
}
