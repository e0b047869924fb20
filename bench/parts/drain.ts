import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import { fileURLToPath } from 'node:url';
import { fillLane } from '../kit/backlog.ts';
import { readCommitGroups, recordCommits } from '../kit/commits.ts';
import { type Drained, timeDrain } from '../kit/drain.ts';
import type { Bench, Part } from '../kit/part.ts';
import { inTurn, ratios } from '../kit/rounds.ts';
import { countPageViews, makeBatches } from '../kit/scenario.ts';
import { type Stores, startStores } from '../kit/stores.ts';
import { figure, spread, table } from '../kit/table.ts';

export const drain: Part = {
  name: 'drain',
  about:
    'One worker from a backlog to committed and visible, against PostgreSQL alone: the very same transactions, recorded and sent again as fast as it takes them, on as many connections as the worker commits on. Both begin with their first commit.',
  run,
};

/** Events in the backlog for each second of measuring: about what a worker does in it, by events a batch. */
const backlogPerSecond = { 5: 12_000, 50: 30_000, 500: 40_000 } as const;
type PerBatch = keyof typeof backlogPerSecond;

/** How fast the events of the backlog came in: they lie in few minutes, as those of a busy site do. */
const receivedPerSecond = 10_000;

/** COMMITS_IN_FLIGHT_MAX of the worker. */
const commitsInFlight = 2;

const postgresAlone = fileURLToPath(new URL('../baselines/postgres-alone.ts', import.meta.url));

async function run(bench: Bench): Promise<string[]> {
  const stores = await startStores(bench);
  const small = await prepare(stores, bench, 5);
  const medium = await prepare(stores, bench, 50);
  const large = await prepare(stores, bench, 500);

  const measured = await inTurn({
    sides: {
      'batches of 5': small.worker,
      'batches of 5, PostgreSQL alone': small.alone,
      'batches of 50': medium.worker,
      'batches of 50, PostgreSQL alone': medium.alone,
      'batches of 500': large.worker,
      'batches of 500, PostgreSQL alone': large.alone,
    },
    rounds: bench.rounds,
    onMeasured: (round, name, { eventsPerSecond, seconds }) =>
      bench.say(`  ${round}  ${name.padEnd(33)} ${figure(eventsPerSecond)} events/s in ${figure(seconds)} s`),
  });

  const rates = (name: keyof typeof measured) => measured[name].map((one) => one.eventsPerSecond);
  const row = (
    perBatch: PerBatch,
    prepared: { events: number; commits: number },
    worker: Drained[],
    alone: number[],
  ) => ({ perBatch, ...prepared, worker, alone });
  const rows = [
    row(5, small, measured['batches of 5'], rates('batches of 5, PostgreSQL alone')),
    row(50, medium, measured['batches of 50'], rates('batches of 50, PostgreSQL alone')),
    row(500, large, measured['batches of 500'], rates('batches of 500, PostgreSQL alone')),
  ];
  return [
    `${stores.about} ${bench.rounds} rounds.`,
    table(
      [
        { head: 'events a batch', cell: (one) => one.perBatch },
        { head: 'events/s', cell: (one) => spread(one.worker.map((round) => round.eventsPerSecond)) },
        { head: 'PostgreSQL alone', cell: (one) => spread(one.alone) },
        {
          head: 'ratio',
          cell: (one) =>
            spread(
              ratios(
                one.worker.map((round) => round.eventsPerSecond),
                one.alone,
              ),
            ),
        },
        { head: 'worker, cores', cell: (one) => spread(one.worker.map((round) => round.worker.cores)) },
        { head: 'RSS MB', cell: (one) => spread(one.worker.map((round) => round.worker.megabytes)) },
        { head: 'backlog', cell: (one) => figure(one.events) },
        { head: 'events a commit', cell: (one) => figure(one.events / one.commits) },
      ],
      rows,
    ),
    'Sought of batches of 500: a ratio of 0.6, 40,000 events/s.',
  ];
}

/** Records what a worker commits of a backlog; that run is the warm-up, too. Answers both sides, to be measured. */
async function prepare(stores: Stores, { seconds, signal, say }: Bench, perBatch: PerBatch) {
  const batches = makeBatches({
    events: backlogPerSecond[perBatch] * seconds,
    perBatch,
    perSecond: receivedPerSecond,
  });
  const events = batches.reduce((count, batch) => count + batch.events.length, 0);
  const expected = { stored: events, pageViews: countPageViews(batches) };
  const file = join(stores.folder, `commits-${perBatch}`);

  async function inDatabase<T>(work: (databaseUrl: string) => Promise<T>): Promise<T> {
    const database = await stores.createDatabase();
    try {
      return await work(database.url);
    } finally {
      await database.drop();
    }
  }
  async function drainLane(databaseUrl: string): Promise<Drained> {
    await stores.settle();
    await fillLane(stores.redis, batches);
    return timeDrain({ databaseUrl, stores, expected, signal });
  }

  const groups = await inDatabase(async (databaseUrl) => {
    const { eventsPerSecond } = await drainLane(databaseUrl);
    say(`  –  batches of ${perBatch}, to be recorded: ${figure(eventsPerSecond)} events/s`);
    return readCommitGroups(databaseUrl);
  });
  await inDatabase((databaseUrl) => recordCommits({ databaseUrl, batches, groups, file }));

  return {
    events,
    commits: groups.length,
    worker: () => inDatabase(drainLane),
    alone: () =>
      inDatabase(async (databaseUrl) => {
        await stores.settle();
        const { eventsPerSecond, seconds: took } = await sendRecorded(databaseUrl, file, signal);
        return { eventsPerSecond, seconds: took, worker: { cores: Number.NaN, megabytes: Number.NaN } };
      }),
  };
}

async function sendRecorded(
  databaseUrl: string,
  file: string,
  signal: AbortSignal,
): Promise<{ eventsPerSecond: number; seconds: number }> {
  const args = [postgresAlone, databaseUrl, file, `${commitsInFlight}`];
  const child = spawn(process.execPath, args, { stdio: ['ignore', 'pipe', 'inherit'], signal });
  const [output, [code]] = await Promise.all([text(child.stdout), once(child, 'close')]);
  signal.throwIfAborted();
  if (code !== 0) throw new Error(`PostgreSQL alone ended with ${code}`);
  return JSON.parse(output) as { eventsPerSecond: number; seconds: number };
}
