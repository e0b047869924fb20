import { statfsSync } from 'node:fs';
import { join } from 'node:path';
import { UserError } from '@event-tracker/infra';
import { startApi, untilReady } from '@event-tracker/testing';
import { fillLane } from '../kit/backlog.ts';
import { type Drained, timeDrain } from '../kit/drain.ts';
import { fillHistory } from '../kit/history.ts';
import type { Bench, Part } from '../kit/part.ts';
import { type ReadLatency, readNames, timeReads } from '../kit/reads.ts';
import { inTurn, ratios, sum } from '../kit/rounds.ts';
import { measureScaled } from '../kit/scaled.ts';
import { countPageViews, makeBatches } from '../kit/scenario.ts';
import { type Stores, startStores } from '../kit/stores.ts';
import { figure, spread, table } from '../kit/table.ts';
import { singleEvents, writeBodies } from '../kit/wrk.ts';

export const growth: Part = {
  name: 'growth',
  about:
    'More processes: 1, 2 and 4 APIs with as many workers, single events, until committed and visible. More history: one worker on a backlog, and reads one after the other, with millions of events stored before.',
  run,
};

const readsPerRound = 100;

/** Disk for a million events with their counts, and for the log that writing them needs. */
const bytesPerMillion = 250e6;
const bytesBeside = 5e9;

interface WithHistory extends Drained {
  reads: Record<string, ReadLatency>;
}

async function run(bench: Bench): Promise<string[]> {
  const stores = await startStores(bench);
  checkDisk(stores.folder, bench.millions);
  return [
    `${stores.about} ${bench.rounds} rounds.`,
    await moreProcesses(stores, bench),
    ...(await moreHistory(stores, bench)),
  ];
}

function checkDisk(folder: string, millions: readonly number[]): void {
  const { bavail, bsize } = statfsSync(folder);
  const free = bavail * bsize;
  const needed = bytesBeside + sum(millions) * bytesPerMillion;
  if (free >= needed) return;
  throw new UserError(
    `growth needs about ${figure(needed / 1e9)} GB of disk in ${folder}, and ${figure(free / 1e9)} GB are free: make room, or give smaller --millions.`,
  );
}

async function moreProcesses(stores: Stores, bench: Bench): Promise<string> {
  const { url: databaseUrl, drop } = await stores.createDatabase();
  const bodies = join(stores.folder, 'bodies');
  writeBodies(bodies, singleEvents());
  const side = (count: number) => () => measureScaled(count, { stores, databaseUrl, bodies, bench });
  const measured = await inTurn({
    sides: { '1 + 1': side(1), '2 + 2': side(2), '4 + 4': side(4) },
    rounds: bench.rounds,
    onMeasured: (round, name, { acceptedPerSecond, throughPerSecond }) =>
      bench.say(
        `  ${round}  ${name} processes: ${figure(acceptedPerSecond)}/s accepted, ${figure(throughPerSecond)}/s committed and visible`,
      ),
  });
  await drop();
  return table(
    [
      { head: 'APIs + workers', cell: ([name]) => name },
      { head: 'accepted/s', cell: ([, rounds]) => spread(rounds.map((one) => one.acceptedPerSecond)) },
      { head: 'through/s', cell: ([, rounds]) => spread(rounds.map((one) => one.throughPerSecond)) },
      { head: '202, p99 ms', cell: ([, rounds]) => spread(rounds.map((one) => one.p99Ms)) },
      { head: 'errors', cell: ([, rounds]) => sum(rounds.map((one) => one.errors)) },
    ],
    Object.entries(measured),
  );
}

async function moreHistory(stores: Stores, bench: Bench): Promise<string[]> {
  const sides: Record<string, () => Promise<WithHistory>> = {};
  for (const millions of bench.millions) {
    const { url } = await stores.createDatabase();
    const began = performance.now();
    const events = await fillHistory(url, millions * 1e6);
    bench.say(`  –  ${figure(events)} events made in ${figure((performance.now() - began) / 1000)} s`);
    sides[`${millions} million`] = await withHistory(stores, bench, url, events);
  }
  const measured = await inTurn({
    sides,
    rounds: bench.rounds,
    onMeasured: (round, name, { eventsPerSecond }) =>
      bench.say(`  ${round}  ${name.padEnd(11)} ${figure(eventsPerSecond)} events/s drained`),
  });
  const rows = Object.entries(measured);
  const rates = rows.map(([, rounds]) => rounds.map((one) => one.eventsPerSecond));
  const drained = [
    { head: 'stored before', cell: ([name]: (typeof rows)[number]) => name },
    { head: 'drained/s', cell: (_: unknown, at: number) => spread(rates[at]!) },
    {
      head: 'over the first',
      cell: (_: unknown, at: number) => spread(ratios(rates[at]!, rates[0]!)),
    },
    {
      head: 'worker, cores',
      cell: ([, rounds]: (typeof rows)[number]) => spread(rounds.map((one) => one.worker.cores)),
    },
  ];
  const reads = rows.flatMap(([name, rounds]) =>
    (['p50Ms', 'p99Ms'] as const).map((share) => ({
      head: `${name}, ${share.slice(0, 3)} ms`,
      cell: (read: string) => spread(rounds.map((one) => one.reads[read]![share])),
    })),
  );
  const servedBy = (read: string) => rows[0]![1][0]!.reads[read]!.servedBy;
  return [
    'History: events over 28 days, in five minutes of each day, with their counts, batches, like states, and client ids of half of the events of the last 7 days, made by SQL. Drained: batches of 500, half of the events with client ids. Sought: within 15 %.',
    table(drained, rows),
    `Reads, ${readsPerRound} of a kind one after the other, with the API and the worker otherwise idle.`,
    table(
      [{ head: 'read', cell: (read: string) => read }, { head: 'served by', cell: servedBy }, ...reads],
      readNames,
    ),
  ];
}

async function withHistory(stores: Stores, bench: Bench, databaseUrl: string, history: number) {
  const { closers, signal, seconds } = bench;
  const api = await startApi({
    DATABASE_URL: databaseUrl,
    REDIS_URL: stores.redisUrl,
    NODE_ENV: 'production',
  });
  closers.add('API', () => api.stop());
  await untilReady(api);
  const expected = { stored: history, pageViews: 0 };
  return async (): Promise<WithHistory> => {
    await stores.settle();
    const batches = makeBatches({
      events: 20_000 * seconds,
      perBatch: 500,
      perSecond: 10_000,
      clientIds: 0.5,
    });
    expected.stored += 20_000 * seconds;
    expected.pageViews += countPageViews(batches);
    await fillLane(stores.redis, batches);
    let reads: Record<string, ReadLatency> = {};
    const beforeEnd = async () => {
      reads = await timeReads(api.url, readsPerRound);
    };
    const drained = await timeDrain({ databaseUrl, stores, expected, signal, beforeEnd });
    return { ...drained, reads };
  };
}
