import { fillLane } from '../kit/backlog.ts';
import { expectedOf, makeBacklog, toBatches } from '../kit/backlog-events.ts';
import { type Drained, timeDrain } from '../kit/drain.ts';
import { fillHistory } from '../kit/history.ts';
import type { Bench, Part } from '../kit/part.ts';
import { type ReadLatency, readNames, timeReads } from '../kit/reads.ts';
import { inTurn, ratios } from '../kit/rounds.ts';
import { checkDisk, type Stores, startStores } from '../kit/stores.ts';
import { figure, spread, table } from '../kit/table.ts';

export const growth: Part = {
  name: 'growth',
  about: 'One worker on a backlog, and reads one after the other, with millions of events stored before.',
  run,
};

const readsPerRound = 100;

interface WithHistory extends Drained {
  reads: Record<string, ReadLatency>;
}

async function run(bench: Bench): Promise<string[]> {
  const stores = await startStores(bench);
  checkDisk('growth', stores.folder, bench.millions);
  return [`${stores.about} ${bench.rounds} rounds.`, ...(await moreHistory(stores, bench))];
}

async function moreHistory(stores: Stores, bench: Bench): Promise<string[]> {
  const sides: Record<string, () => Promise<WithHistory>> = {};
  for (const millions of bench.millions) {
    const { url } = await stores.createDatabase();
    const began = performance.now();
    const events = await fillHistory(url, millions * 1e6);
    bench.say(`  –  ${figure(events)} events made in ${figure((performance.now() - began) / 1000)} s`);
    sides[`${millions} million`] = withHistory(stores, bench, url, events);
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

function withHistory(stores: Stores, bench: Bench, databaseUrl: string, history: number) {
  const { signal, seconds } = bench;
  let storedBefore = history;
  const shownBefore = new Map<number, number>();
  return async (): Promise<WithHistory> => {
    await stores.settle();
    const backlog = makeBacklog({
      events: 20_000 * seconds,
      perBatch: 500,
      perSecond: 10_000,
      clientIds: 0.5,
      scenario: 'ten',
    });
    const batches = toBatches(backlog);
    const { added, pageViews } = expectedOf(backlog);
    storedBefore += added;
    for (const [component, count] of pageViews)
      shownBefore.set(component, (shownBefore.get(component) ?? 0) + count);
    let reads: Record<string, ReadLatency> = {};
    const drained = await timeDrain({
      databaseUrl,
      stores,
      expected: { stored: storedBefore, added, pageViews: shownBefore },
      fill: () => fillLane(stores.redis, batches),
      signal,
      beforeEnd: async (apiUrl) => {
        reads = await timeReads(apiUrl, readsPerRound);
      },
    });
    return { ...drained, reads };
  };
}
