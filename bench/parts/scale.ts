import { join } from 'node:path';
import { startTcpProxy } from '@event-tracker/testing';
import { fillLane } from '../kit/backlog.ts';
import { expectedOf, makeBacklog, toBatches } from '../kit/backlog-events.ts';
import { type Drained, timeDrain } from '../kit/drain.ts';
import type { Bench, Part } from '../kit/part.ts';
import { inTurn, ratios, sum } from '../kit/rounds.ts';
import { measureScaled } from '../kit/scaled.ts';
import { type Stores, startStores } from '../kit/stores.ts';
import { figure, spread, table } from '../kit/table.ts';
import { sharesOf, type Waits, watchWaits } from '../kit/wait-events.ts';
import { singleEvents, writeBodies } from '../kit/wrk.ts';

export const scale: Part = {
  name: 'scale',
  about:
    'More processes. Far stores: 1, 2, 4 and 8 workers drain a backlog in small commits until it is stored, added up and visible, with every byte to and from the stores held back, and PostgreSQL waiting before each flush. Near stores: 1, 2 and 4 APIs with as many workers, single events, until nothing is in flight.',
  takes: { scenario: true },
  run,
};

const workerCounts = [1, 2, 4, 8];
const processCounts = [1, 2, 4];

/** Milliseconds, each way: stores in another zone. */
const delayMs = 2;

/** What a flush takes on a disk over a network; it serves all that commit meanwhile. */
const slowFlush = { commit_delay: 5000, commit_siblings: 0 };

const eventsPerCommit = 20;

/** Events in the backlog for each second of measuring and each worker: about what one does in it. */
const backlogPerSecond = 2000;

interface Far extends Drained {
  waits: Waits;
}

async function run(bench: Bench): Promise<string[]> {
  return [...(await farStores(bench)), ...(await nearStores(bench))];
}

async function farStores(bench: Bench): Promise<string[]> {
  const stores = await startStores(bench, slowFlush);
  const far = {
    postgres: await startTcpProxy({ port: portOf(stores.postgresUrl), conditions: { delayMs } }),
    redis: await startTcpProxy({ port: portOf(stores.redisUrl), conditions: { delayMs } }),
    views: await startTcpProxy({ port: portOf(stores.viewsRedisUrl), conditions: { delayMs } }),
  };
  bench.closers.add('proxies', () => Promise.all(Object.values(far).map((proxy) => proxy.stop())));

  const drain = (workers: number, likes: boolean) => async (): Promise<Far> => {
    const backlog = makeBacklog({
      events: backlogPerSecond * bench.seconds * workers,
      perBatch: eventsPerCommit,
      perSecond: 10_000,
      scenario: bench.scenario,
      likes,
    });
    const batches = toBatches(backlog);
    await stores.settle();
    const { url: databaseUrl, drop } = await stores.createDatabase();
    let waits: Waits = new Map();
    const drained = await timeDrain({
      databaseUrl,
      stores,
      workers,
      workerEnv: {
        DATABASE_URL: far.postgres.through(databaseUrl),
        REDIS_URL: far.redis.through(stores.redisUrl),
        VIEWS_REDIS_URL: far.views.through(stores.viewsRedisUrl),
        COMMIT_EVENTS_MAX: `${eventsPerCommit}`,
      },
      expected: expectedOf(backlog),
      fill: () => fillLane(stores.redis, batches),
      signal: bench.signal,
      watch: () => {
        const end = watchWaits(stores.admin);
        return async () => {
          waits = await end();
        };
      },
    });
    await drop();
    return { ...drained, waits };
  };
  const mixes = { 'the mix': true, 'without likes': false };
  const sides = Object.entries(mixes).flatMap(([mix, likes]) =>
    workerCounts.map((workers) => ({ mix, workers, name: `${mix}, ${workers}`, likes })),
  );
  const measured = await inTurn({
    sides: Object.fromEntries(sides.map(({ name, workers, likes }) => [name, drain(workers, likes)])),
    rounds: bench.rounds,
    onMeasured: (round, name, { eventsPerSecond, seconds }) =>
      bench.say(`  ${round}  ${name.padEnd(16)} ${figure(eventsPerSecond)} events/s in ${figure(seconds)} s`),
  });
  const rates = (name: string) => measured[name]!.map((one) => one.eventsPerSecond);
  const cores = (name: string, of: 'worker' | 'postgres' | 'redis' | 'bench') =>
    spread(measured[name]!.map((one) => one[of].cores));
  return [
    `${stores.about} ${bench.rounds} rounds. Far stores: ${delayMs} ms each way, commit_delay ${slowFlush.commit_delay / 1000} ms, batches and commits of ${eventsPerCommit} events. Sought: four workers 3.5 times one, eight 6 times, or until the processors are full.`,
    table(
      [
        { head: 'events, workers', cell: ({ name }) => name },
        { head: 'events/s', cell: ({ name }) => spread(rates(name)) },
        {
          head: 'over one worker',
          cell: ({ name, mix }) => spread(ratios(rates(name), rates(`${mix}, 1`))),
        },
        { head: 'workers, cores', cell: ({ name }) => cores(name, 'worker') },
        { head: 'PostgreSQL, cores', cell: ({ name }) => cores(name, 'postgres') },
        { head: 'Redis, cores', cell: ({ name }) => cores(name, 'redis') },
        { head: 'proxies and polling, cores', cell: ({ name }) => cores(name, 'bench') },
      ],
      sides,
    ),
    'What sessions of PostgreSQL waited for while they were not idle:',
    table(
      [
        { head: 'events, workers', cell: ({ name }) => name },
        { head: 'waits', cell: ({ name }) => shownWaits(measured[name]!.map((one) => one.waits)) },
      ],
      sides,
    ),
  ];
}

const waitsShown = 6;

function shownWaits(waits: readonly Waits[]): string {
  const shares = [...sharesOf(waits)].slice(0, waitsShown);
  return shares.map(([event, share]) => `${event} ${(share * 100).toFixed(0)} %`).join(', ');
}

function portOf(url: string): number {
  return Number(new URL(url).port);
}

async function nearStores(bench: Bench): Promise<string[]> {
  const stores: Stores = await startStores(bench);
  const { url: databaseUrl } = await stores.createDatabase();
  const bodies = join(stores.folder, 'bodies');
  writeBodies(bodies, singleEvents(bench));
  const name = (count: number) => `${count} + ${count}`;
  const measured = await inTurn({
    sides: Object.fromEntries(
      processCounts.map((count) => [
        name(count),
        () => measureScaled(count, { stores, databaseUrl, bodies, bench }),
      ]),
    ),
    rounds: bench.rounds,
    onMeasured: (round, side, { acceptedPerSecond, throughPerSecond }) =>
      bench.say(
        `  ${round}  ${side} processes: ${figure(acceptedPerSecond)}/s accepted, ${figure(throughPerSecond)}/s added up`,
      ),
  });
  const through = (side: string) => measured[side]!.map((one) => one.throughPerSecond);
  return [
    `Near stores, ${bench.connections} connections, ${bench.seconds} s. Sought: 4 + 4 at 0.8 of 1 + 1.`,
    table(
      [
        { head: 'APIs + workers', cell: ([side]) => side },
        { head: 'accepted/s', cell: ([, all]) => spread(all.map((one) => one.acceptedPerSecond)) },
        { head: 'through/s', cell: ([side]) => spread(through(side)) },
        { head: 'over 1 + 1', cell: ([side]) => spread(ratios(through(side), through(name(1)))) },
        { head: '202, p99 ms', cell: ([, all]) => spread(all.map((one) => one.p99Ms)) },
        { head: 'errors', cell: ([, all]) => sum(all.map((one) => one.errors)) },
        { head: 'APIs, cores', cell: ([, all]) => spread(all.map((one) => one.api.cores)) },
        { head: 'workers, cores', cell: ([, all]) => spread(all.map((one) => one.worker.cores)) },
        { head: 'PostgreSQL, cores', cell: ([, all]) => spread(all.map((one) => one.postgres.cores)) },
        { head: 'Redis, cores', cell: ([, all]) => spread(all.map((one) => one.redis.cores)) },
      ],
      Object.entries(measured),
    ),
  ];
}
