import { until, untilReady } from '@event-tracker/testing';
import { fillHistory, historyDays } from '../kit/history.ts';
import { createClient } from '../kit/http.ts';
import type { Bench, Part } from '../kit/part.ts';
import { inTurn, quantile, sum } from '../kit/rounds.ts';
import { checkDisk, type Stores, startStores } from '../kit/stores.ts';
import { environment, thisSystem } from '../kit/system.ts';
import { figure, spread, table } from '../kit/table.ts';

export const ledger: Part = {
  name: 'ledger',
  about:
    'GET /admin/ledger with millions of events stored on 28 days, all of them counted; and once late events have come for each of these days. One after the other, with the API and the worker otherwise idle.',
  run,
};

const dayMs = 86_400_000;
const readsPerRound = 20;
const countedLimitMs = 120_000;

/** Far from the components of the scenarios. */
const lateComponent = 900_000;

interface Reads {
  ms: number[];
  refused: number;
}

async function run(bench: Bench): Promise<string[]> {
  const stores = await startStores(bench);
  checkDisk('ledger', stores.folder, bench.millions);
  const rows: { name: string; reads: Reads[] }[] = [];
  for (const millions of bench.millions) {
    const { counted, touched } = await measureHistory(stores, bench, millions);
    rows.push({ name: `${millions} million`, reads: counted });
    rows.push({ name: `${millions} million, ${historyDays} days touched by late events`, reads: touched });
  }
  const quantiles = (reads: readonly Reads[], share: number) =>
    spread(reads.map(({ ms }) => quantile(ms, share)));
  return [
    `${stores.about} ${bench.rounds} rounds of ${readsPerRound} reads. Sought: 50 ms with 50 million, late events or not.`,
    table(
      [
        { head: 'stored', cell: ({ name }) => name },
        { head: 'p50 ms', cell: ({ reads }) => quantiles(reads, 0.5) },
        { head: 'highest ms', cell: ({ reads }) => quantiles(reads, 1) },
        { head: 'answers other than 200', cell: ({ reads }) => sum(reads.map(({ refused }) => refused)) },
      ],
      rows,
    ),
  ];
}

async function measureHistory(stores: Stores, bench: Bench, millions: number) {
  const { url, drop } = await stores.createDatabase();
  const began = performance.now();
  const events = await fillHistory(url, millions * 1e6);
  bench.say(`  –  ${figure(events)} events made in ${figure((performance.now() - began) / 1000)} s`);
  await stores.settle();
  const env = environment(url, stores);
  const [api, worker] = await Promise.all([thisSystem.startApi(env), thisSystem.startWorker(env)]);
  const client = createClient(api.url);
  const read = async (): Promise<Reads> => {
    const reads: Reads = { ms: [], refused: 0 };
    for (let turn = 0; turn < readsPerRound; turn += 1) {
      bench.signal.throwIfAborted();
      const startedAt = performance.now();
      const { status } = await client.get('/admin/ledger');
      reads.ms.push(performance.now() - startedAt);
      if (status !== 200) reads.refused += 1;
    }
    return reads;
  };
  const measure = async (name: string) => {
    await read();
    const measured = await inTurn({
      sides: { [name]: read },
      rounds: bench.rounds,
      onMeasured: (round, side, { ms }) =>
        bench.say(`  ${round}  ${side}: p50 ${figure(quantile(ms, 0.5))} ms`),
    });
    return measured[name]!;
  };
  try {
    await Promise.all([untilReady(api), untilReady(worker)]);
    const counted = await measure(`${millions} million`);
    await sendLateEvents(client);
    const touched = await measure(`${millions} million, late events`);
    return { counted, touched };
  } finally {
    client.close();
    await api.stop();
    await worker.stop();
    await drop();
  }
}

/** One for each day of the history, and waits until all of them count. */
async function sendLateEvents(client: ReturnType<typeof createClient>): Promise<void> {
  const events = Array.from({ length: historyDays }, (_, at) => ({
    eventType: 'CLICK',
    sessionId: 'late',
    metadata: { componentId: lateComponent },
    occurredAt: new Date(Date.now() - (at + 1) * dayMs).toISOString(),
  }));
  const answer = await client.post('/api/events/batch', events);
  if (answer.status !== 202)
    throw new Error(`late events were answered with ${answer.status}: ${answer.body}`);
  const path = `/api/statistics?eventType=CLICK&componentId=${lateComponent}&window=all`;
  await until(
    async () => {
      const { status, body } = await client.get(path);
      return status === 200 && (JSON.parse(body) as { count: number }).count === historyDays;
    },
    { what: 'late events that count', limitMs: countedLimitMs },
  );
}
