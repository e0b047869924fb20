import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { measureDurableLane, measureFastLane } from '@event-tracker/queue';
import { createPool } from '@event-tracker/storage';
import { startApi, startWorker, until, untilReady } from '@event-tracker/testing';
import { createClient } from '../kit/http.ts';
import type { Bench, Part } from '../kit/part.ts';
import { inTurn, ratios, sum } from '../kit/rounds.ts';
import { type Stores, startStores } from '../kit/stores.ts';
import { environment } from '../kit/system.ts';
import { figure, spread, table } from '../kit/table.ts';
import { runWrk, singleEvents, writeBodies } from '../kit/wrk.ts';

export const outage: Part = {
  name: 'outage',
  about:
    'POST /api/events while Redis is away, against the same API with Redis, without a worker; then, with a worker and a steady load, how long after the end of an outage of Redis and of PostgreSQL what waits is committed and shown.',
  run,
};

/** Events a second of the steady load: what two cores take beside the load generator with room to catch up. */
const steadyRate = 1000;
const catchUpLimitMs = 120_000;
/** Less than what comes in so many seconds waits: it is caught up. */
const caughtUpSeconds = 0.1;

async function run(bench: Bench): Promise<string[]> {
  const stores = await startStores(bench);
  const bodies = join(stores.folder, 'bodies');
  writeBodies(bodies, singleEvents({ scenario: 'ten' }));
  const accepting = await acceptWithout(bench, stores, bodies);
  const catchingUp = await catchUp(bench, stores, bodies);
  return [stores.about, ...accepting, ...catchingUp];
}

async function acceptWithout(bench: Bench, stores: Stores, bodies: string): Promise<string[]> {
  const { connections, seconds, signal, say } = bench;
  const database = await stores.createDatabase();
  const api = await startApi(environment(database.url, stores));
  bench.closers.add('API', () => api.stop());
  await untilStatus(api.url, 'ready');
  const load = (forSeconds: number) =>
    runWrk({ url: `${api.url}/api/events`, bodies, connections, seconds: forSeconds, signal });
  await load(Math.min(3, seconds));

  const measured = await inTurn({
    sides: {
      'with Redis': async () => {
        await stores.settle();
        return { ...(await load(seconds)), firstMs: await slowestOf(api.url, connections) };
      },
      'Redis away': async () => {
        await stores.outages.redis.begin();
        const firstMs = await slowestOf(api.url, connections);
        const answers = await load(seconds);
        await stores.outages.redis.end();
        await untilStatus(api.url, 'ready');
        return { ...answers, firstMs };
      },
    },
    rounds: bench.rounds,
    onMeasured: (round, name, { perSecond, p99Ms, firstMs }) =>
      say(
        `  ${round}  ${name.padEnd(10)} ${figure(perSecond)}/s, p99 ${figure(p99Ms)} ms, first ${figure(firstMs)} ms`,
      ),
  });
  await api.stop();
  const rates = (name: keyof typeof measured) => measured[name].map(({ perSecond }) => perSecond);
  return [
    `${connections} connections, ${bench.rounds} rounds of ${seconds} s. The first requests are as many as there are connections, sent at once when Redis was killed.`,
    table(
      [
        { head: '', cell: ([name]) => name },
        { head: 'requests/s', cell: ([, rounds]) => spread(rounds.map((one) => one.perSecond)) },
        { head: 'p50 ms', cell: ([, rounds]) => spread(rounds.map((one) => one.p50Ms)) },
        { head: 'p99 ms', cell: ([, rounds]) => spread(rounds.map((one) => one.p99Ms)) },
        {
          head: 'slowest of the first, ms',
          cell: ([, rounds]) => spread(rounds.map((one) => one.firstMs)),
        },
        { head: 'errors', cell: ([, rounds]) => sum(rounds.map((one) => one.errors)) },
      ],
      Object.entries(measured),
    ),
    `- Redis away over with Redis: ${spread(ratios(rates('Redis away'), rates('with Redis')))}; sought: 0.3, the first within 1,000 ms, then p99 within 500 ms`,
  ];
}

/** So many requests at once; how long the slowest takes, in milliseconds. Throws when one is not taken. */
async function slowestOf(url: string, requests: number): Promise<number> {
  const client = createClient(url);
  const event = { eventType: 'CLICK', sessionId: 'first', metadata: { componentId: 1 } };
  const began = performance.now();
  const times = await Promise.all(
    Array.from({ length: requests }, async () => {
      const answer = await client.post('/api/events', event);
      if (answer.status !== 202) throw new Error(`answered with ${answer.status}: ${answer.body}`);
      return performance.now() - began;
    }),
  );
  client.close();
  return Math.max(...times);
}

async function catchUp(bench: Bench, stores: Stores, bodies: string): Promise<string[]> {
  const { closers, connections, outageSeconds, signal, say } = bench;
  const database = await stores.createDatabase();
  const env = environment(database.url, stores);
  const worker = await startWorker(env);
  closers.add('worker', () => worker.stop());
  const api = await startApi(env);
  closers.add('API', () => api.stop());
  await Promise.all([untilReady(worker), untilStatus(api.url, 'ready')]);
  const pool = createPool({
    url: database.url,
    applicationName: 'bench',
    max: 2,
    connectTimeoutMs: 2000,
    queryTimeoutMs: 5000,
    onError: () => {},
  });
  closers.add('pool', () => pool.end());

  async function isCaughtUp(): Promise<boolean> {
    const [fast, durable] = await Promise.all([
      measureFastLane(stores.redis, Date.now()),
      measureDurableLane(pool),
    ]);
    if (fast.waiting + durable.waiting > caughtUpSeconds * steadyRate) return false;
    const { rows } = await pool.query(
      "select from view_debt where created_at < now() - interval '1 second' limit 1",
    );
    if (rows.length > 0) return false;
    const path = `${api.url}/api/statistics?eventType=PAGE_VIEW&componentId=1000`;
    return (await fetch(path)).headers.get('x-served-by') === 'redis';
  }

  const results: { store: string; caughtUpMs: number; errors: number; accepted: number }[] = [];
  for (const store of ['redis', 'postgres'] as const) {
    await until(isCaughtUp, { limitMs: catchUpLimitMs, what: 'an empty lane' });
    let loading = true;
    const load = async () => {
      const answers = { errors: 0, accepted: 0 };
      while (loading) {
        const url = `${api.url}/api/events`;
        const some = await runWrk({ url, bodies, connections, seconds: 2, rate: steadyRate, signal });
        answers.errors += some.errors;
        answers.accepted += some.succeeded;
      }
      return answers;
    };
    const loaded = load();
    await pause(2000);
    await stores.outages[store].begin();
    await pause(outageSeconds * 1000, undefined, { signal });
    await stores.outages[store].end();
    const since = performance.now();
    await until(isCaughtUp, { limitMs: catchUpLimitMs, everyMs: 100, what: 'the end of the backlog' });
    const caughtUpMs = performance.now() - since;
    loading = false;
    results.push({ store, caughtUpMs, ...(await loaded) });
    say(`  ${store} away for ${outageSeconds} s: caught up after ${figure(caughtUpMs / 1000)} s`);
  }
  return [
    `One API and one worker, ${figure(steadyRate)} events/s all the time, each store killed once for ${outageSeconds} s. Caught up: less than a tenth of a second's events waits, no commit older than a second is missing in the views, and Redis answers.`,
    table(
      [
        { head: 'away', cell: ({ store }) => store },
        { head: 'caught up after, s', cell: ({ caughtUpMs }) => figure(caughtUpMs / 1000) },
        { head: 'events accepted', cell: ({ accepted }) => figure(accepted) },
        { head: 'errors', cell: ({ errors }) => errors },
      ],
      results,
    ),
    '- Caught up after an outage: sought within 60 s',
  ];
}

async function untilStatus(url: string, status: string): Promise<void> {
  await until(
    async () => ((await (await fetch(`${url}/readyz`)).json()) as { status: string }).status === status,
    { what: `${url} to be ${status}`, limitMs: 60_000 },
  );
}
