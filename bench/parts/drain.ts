import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import { fileURLToPath } from 'node:url';
import { fillLane } from '../kit/backlog.ts';
import { expectedOf, makeBacklog, toBatches } from '../kit/backlog-events.ts';
import { readCommitGroups, recordCommits } from '../kit/commits.ts';
import { compareSystems } from '../kit/compare-systems.ts';
import { type Drained, timeDrain } from '../kit/drain.ts';
import type { Bench, Part } from '../kit/part.ts';
import { inTurn, ratios } from '../kit/rounds.ts';
import { sendBacklog } from '../kit/send-backlog.ts';
import { type Stores, startStores } from '../kit/stores.ts';
import type { System } from '../kit/system.ts';
import { figure, spread, table } from '../kit/table.ts';

export const drain: Part = {
  name: 'drain',
  about:
    'One worker from a backlog to stored, added up and visible, against PostgreSQL alone: the very same transactions, recorded and sent again as fast as it takes them, on as many connections as the worker commits on. Both begin with their first commit.',
  takes: { scenario: true, versus: true },
  run,
};

/** Events in the backlog for each second of measuring: about what a worker does in it, by events a batch. */
const backlogPerSecond = { 5: 12_000, 50: 30_000, 500: 40_000 } as const;
type PerBatch = keyof typeof backlogPerSecond;
const sizes: readonly PerBatch[] = [5, 50, 500];

/** How fast the events of the backlog came in: they lie in few minutes, as those of a busy site do. */
const receivedPerSecond = 10_000;

/** COMMITS_IN_FLIGHT_MAX of the worker. */
const commitsInFlight = 2;

const postgresAlone = fileURLToPath(new URL('../baselines/postgres-alone.ts', import.meta.url));

async function run(bench: Bench): Promise<string[]> {
  const stores = await startStores(bench);
  const about = `${stores.about} ${bench.rounds} rounds.`;
  return bench.versus
    ? [about, await againstOther(stores, bench)]
    : [about, ...(await againstPostgres(stores, bench))];
}

const backlogOf = ({ seconds, scenario }: Bench, perBatch: PerBatch) =>
  makeBacklog({
    events: backlogPerSecond[perBatch] * seconds,
    perBatch,
    perSecond: receivedPerSecond,
    scenario,
  });

/** Each fills its lane by its own API: an older one need not know the payload of a newer one. */
function againstOther(stores: Stores, bench: Bench): Promise<string> {
  const drainOf = (perBatch: PerBatch) => {
    const backlog = backlogOf(bench, perBatch);
    const expected = expectedOf(backlog);
    return async (system: System) => {
      await stores.settle();
      const database = await stores.createDatabase(system);
      const fill = (url: string) => sendBacklog(url, backlog);
      const options = { stores, expected, signal: bench.signal, system, fill };
      const drained = await timeDrain({ databaseUrl: database.url, ...options });
      await database.drop();
      return drained;
    };
  };
  return compareSystems(bench, {
    cases: Object.fromEntries(sizes.map((size) => [`batches of ${size}`, drainOf(size)])),
    figures: {
      'events/s': (one) => one.eventsPerSecond,
      'worker, cores': (one) => one.worker.cores,
      'PostgreSQL, cores': (one) => one.postgres.cores,
    },
  });
}

async function againstPostgres(stores: Stores, bench: Bench): Promise<string[]> {
  const prepared = new Map<PerBatch, Awaited<ReturnType<typeof prepare>>>();
  for (const size of sizes) prepared.set(size, await prepare(stores, bench, size));
  const workerSide = (size: PerBatch) => `batches of ${size}`;
  const aloneSide = (size: PerBatch) => `batches of ${size}, PostgreSQL alone`;
  const measured = await inTurn<string, Partial<Drained> & Pick<Drained, 'eventsPerSecond' | 'seconds'>>({
    sides: Object.fromEntries(
      [...prepared].flatMap(([size, { worker, alone }]) => [
        [workerSide(size), worker],
        [aloneSide(size), alone],
      ]),
    ),
    rounds: bench.rounds,
    onMeasured: (round, name, { eventsPerSecond, seconds }) =>
      bench.say(`  ${round}  ${name.padEnd(33)} ${figure(eventsPerSecond)} events/s in ${figure(seconds)} s`),
  });
  const rates = (side: string) => measured[side]!.map((one) => one.eventsPerSecond);
  const loads = (size: PerBatch) => measured[workerSide(size)]!.map((one) => one.worker!);
  return [
    table(
      [
        { head: 'events a batch', cell: ([size]) => size },
        { head: 'events/s', cell: ([size]) => spread(rates(workerSide(size))) },
        { head: 'PostgreSQL alone', cell: ([size]) => spread(rates(aloneSide(size))) },
        {
          head: 'ratio',
          cell: ([size]) => spread(ratios(rates(workerSide(size)), rates(aloneSide(size)))),
        },
        { head: 'worker, cores', cell: ([size]) => spread(loads(size).map(({ cores }) => cores)) },
        { head: 'RSS MB', cell: ([size]) => spread(loads(size).map(({ megabytes }) => megabytes)) },
        { head: 'backlog', cell: ([, { events }]) => figure(events) },
        { head: 'events a commit', cell: ([, { events, commits }]) => figure(events / commits) },
      ],
      [...prepared],
    ),
    'Sought of batches of 500: a ratio of 0.6, 30,000 events/s.',
  ];
}

/** Records what a worker commits of a backlog; that run is the warm-up, too. Answers both sides, to be measured. */
async function prepare(stores: Stores, bench: Bench, perBatch: PerBatch) {
  const { signal, say } = bench;
  const backlog = backlogOf(bench, perBatch);
  const batches = toBatches(backlog);
  const expected = expectedOf(backlog);
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
    const fill = () => fillLane(stores.redis, batches);
    return timeDrain({ databaseUrl, stores, expected, signal, fill });
  }

  const groups = await inDatabase(async (databaseUrl) => {
    const { eventsPerSecond } = await drainLane(databaseUrl);
    say(`  –  batches of ${perBatch}, to be recorded: ${figure(eventsPerSecond)} events/s`);
    return readCommitGroups(databaseUrl);
  });
  const known = new Set(batches.map(({ id }) => id));
  // The API's heartbeats and the like are no part of the backlog.
  const ours = groups.map((ids) => ids.filter((id) => known.has(id))).filter((ids) => ids.length > 0);
  await inDatabase((databaseUrl) => recordCommits({ databaseUrl, batches, groups: ours, file }));

  return {
    events: expected.added,
    commits: ours.length,
    worker: () => inDatabase(drainLane),
    alone: () =>
      inDatabase(async (databaseUrl) => {
        await stores.settle();
        return sendRecorded(databaseUrl, file, signal);
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
