import { startApi, startWorker, untilReady } from '@event-tracker/testing';
import { untilLaneIsEmpty } from './backlog.ts';
import type { Bench } from './part.ts';
import { sum } from './rounds.ts';
import type { Stores } from './stores.ts';
import { runWrk } from './wrk.ts';

export interface Scaled {
  /** Single events that were acknowledged, a second. */
  acceptedPerSecond: number;
  /** From the first request until the last event was committed and visible. */
  throughPerSecond: number;
  p99Ms: number;
  errors: number;
}

/** So many APIs and so many workers, started for this, take single events as fast as they answer, and then all the rest. */
export async function measureScaled(
  count: number,
  {
    stores,
    databaseUrl,
    bodies,
    bench,
  }: { stores: Stores; databaseUrl: string; bodies: string; bench: Bench },
): Promise<Scaled> {
  await stores.settle();
  const env = { DATABASE_URL: databaseUrl, REDIS_URL: stores.redisUrl, NODE_ENV: 'production' };
  const each = Array.from({ length: count });
  const workers = await Promise.all(each.map(() => startWorker(env)));
  const apis = await Promise.all(each.map(() => startApi(env)));
  try {
    await Promise.all([...apis, ...workers].map(untilReady));
    const load = async (seconds: number) => {
      const began = performance.now();
      const answers = await Promise.all(
        apis.map((api) =>
          runWrk({
            url: `${api.url}/api/events`,
            bodies,
            connections: Math.max(1, Math.round(bench.connections / count)),
            seconds,
            signal: bench.signal,
          }),
        ),
      );
      await untilLaneIsEmpty(stores.redis);
      return { answers, seconds: (performance.now() - began) / 1000 };
    };
    await load(1);
    const { answers, seconds } = await load(bench.seconds);
    return {
      acceptedPerSecond: sum(answers.map((one) => one.perSecond)),
      throughPerSecond: sum(answers.map((one) => one.succeeded)) / seconds,
      p99Ms: Math.max(...answers.map((one) => one.p99Ms)),
      errors: sum(answers.map((one) => one.errors)),
    };
  } finally {
    await Promise.all(apis.map((api) => api.stop()));
    await Promise.all(workers.map((worker) => worker.stop()));
  }
}
