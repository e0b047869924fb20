import { readFileSync } from 'node:fs';
import { startApi, startWorker, until, untilReady } from '@event-tracker/testing';
import { createClient } from '../kit/http.ts';
import type { Bench, Part } from '../kit/part.ts';
import { withClient } from '../kit/postgres-client.ts';
import { inTurn, quantile } from '../kit/rounds.ts';
import { type Stores, startStores } from '../kit/stores.ts';
import { environment } from '../kit/system.ts';
import { figure, spread, table } from '../kit/table.ts';

export const keywords: Part = {
  name: 'keywords',
  about:
    'GET /api/statistics/keywords/top?window=24h with ever more keywords a minute: one read after the other, and the Redis memory of the views.',
  run,
};

const sizes = [10, 1000, 10_000];
const quickSizes = [10, 100];
/** Each asks for another limit, because a ranking is cached for a moment. */
const turns = 100;

interface Figures {
  p50Ms: number;
  p99Ms: number;
  megabytes: number;
  servedBy: string;
}

async function run(bench: Bench): Promise<string[]> {
  const stores = await startStores(bench);
  const sides: Record<string, () => Promise<Figures>> = {};
  for (const size of bench.quick ? quickSizes : sizes) {
    const { url } = await stores.createDatabase();
    await withClient(url, async (client) => {
      await client.query(sql('keywords-a-minute'), [size]);
      await client.query(sql('keywords-an-hour'));
      await client.query('vacuum (analyze)');
    });
    bench.say(`  –  ${figure(size)} keywords a minute made`);
    sides[`${size.toLocaleString('en')} keywords`] = () => measure(stores, url);
  }
  const measured = await inTurn({
    sides,
    rounds: bench.rounds,
    onMeasured: (round, name, { p50Ms, servedBy }) =>
      bench.say(`  ${round}  ${name} a minute: p50 ${figure(p50Ms)} ms from ${servedBy}`),
  });
  const rows = Object.entries(measured);
  return [
    `${stores.about} ${bench.rounds} rounds of ${turns} reads. Counts for 25 hours, made by SQL; a worker makes the views of them. A bucket of a view keeps 1,000 subjects: a window with a fuller one is PostgreSQL's.`,
    table(
      [
        { head: 'a minute', cell: ([name]) => name },
        {
          head: 'answered by',
          cell: ([, rounds]) => [...new Set(rounds.map((one) => one.servedBy))].join(', '),
        },
        { head: 'p50 ms', cell: ([, rounds]) => spread(rounds.map((one) => one.p50Ms)) },
        { head: 'p99 ms', cell: ([, rounds]) => spread(rounds.map((one) => one.p99Ms)) },
        { head: 'Redis MB', cell: ([, rounds]) => spread(rounds.map((one) => one.megabytes)) },
      ],
      rows,
    ),
  ];
}

/** On views that a worker makes anew, and keeps fresh beside the reads. */
async function measure(stores: Stores, databaseUrl: string): Promise<Figures> {
  await stores.settle();
  const before = await usedMemory(stores);
  const env = environment(databaseUrl, stores);
  const [api, worker] = await Promise.all([startApi(env), startWorker(env)]);
  const client = createClient(api.url);
  try {
    await untilReady(api);
    const count = '/api/statistics?eventType=SEARCH&keyword=none&window=1m';
    const isFresh = async () =>
      (await stores.viewsRedis.exists('view:{keyword}:lease')) === 1 &&
      (await client.get(count)).status === 200;
    await until(isFresh, { what: 'fresh views', limitMs: 300_000 });
    const megabytes = (await usedMemory(stores)) - before;
    const times: number[] = [];
    let servedBy = '';
    for (let turn = 1; turn <= turns; turn += 1) {
      const began = performance.now();
      const answer = await client.get(`/api/statistics/keywords/top?window=24h&limit=${turn}`);
      times.push(performance.now() - began);
      if (answer.status !== 200)
        throw new Error(`a ranking was answered with ${answer.status}: ${answer.body}`);
      servedBy = answer.servedBy ?? '';
    }
    return { p50Ms: quantile(times, 0.5), p99Ms: quantile(times, 0.99), megabytes, servedBy };
  } finally {
    client.close();
    await Promise.all([api.stop(), worker.stop()]);
  }
}

async function usedMemory({ redis }: Stores): Promise<number> {
  return Number(/^used_memory:(\d+)/m.exec(await redis.info('memory'))?.[1]) / 1e6;
}

function sql(name: string): string {
  return readFileSync(new URL(`../sql/${name}.sql`, import.meta.url), 'utf8');
}
