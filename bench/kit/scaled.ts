import { untilReady } from '@event-tracker/testing';
import { createClient } from './http.ts';
import type { Bench } from './part.ts';
import { type Load, watchUsage } from './process-usage.ts';
import { sum } from './rounds.ts';
import { untilAddedUp } from './settled.ts';
import type { Stores } from './stores.ts';
import { environment, type System, thisSystem } from './system.ts';
import { runWrk } from './wrk.ts';

export interface Scaled {
  /** Requests that were answered with success, a second. */
  acceptedPerSecond: number;
  /** The same over the time from the first request until nothing was in flight any more. */
  throughPerSecond: number;
  p50Ms: number;
  p99Ms: number;
  errors: number;
  api: Load;
  worker: Load;
  postgres: Load;
  redis: Load;
}

export interface ScaledOptions {
  stores: Stores;
  databaseUrl: string;
  /** Written by `writeBodies` or `writeRequests`. */
  bodies: string;
  bench: Bench;
  system?: System;
  /** Is called when the processes are ready, before the first request. */
  prepare?: (apiUrl: string) => Promise<void>;
}

const warmUpSeconds = 2;

/** So many APIs and so many workers, started for this, take requests as fast as they answer, and then all the rest. */
export async function measureScaled(count: number, options: ScaledOptions): Promise<Scaled> {
  const { stores, databaseUrl, bodies, bench, system = thisSystem, prepare } = options;
  await stores.settle();
  const env = environment(databaseUrl, stores);
  const each = Array.from({ length: count });
  const workers = await Promise.all(each.map(() => system.startWorker(env)));
  const apis = await Promise.all(each.map(() => system.startApi(env)));
  const client = createClient(apis[0]!.url);
  try {
    await Promise.all([...apis, ...workers].map(untilReady));
    await prepare?.(apis[0]!.url);
    const load = async (seconds: number) => {
      const usage = watchUsage({
        api: apis.map(({ pid }) => pid),
        worker: workers.map(({ pid }) => pid),
        postgres: { family: stores.postgresPid },
        redis: stores.redisPids,
      });
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
      await untilAddedUp(client);
      return { answers, seconds: (performance.now() - began) / 1000, ...usage() };
    };
    // Compiled code first: the first seconds of a process say nothing about the rest of its life.
    await load(Math.min(warmUpSeconds, bench.seconds));
    const { answers, seconds, ...loads } = await load(bench.seconds);
    return {
      acceptedPerSecond: sum(answers.map((one) => one.perSecond)),
      throughPerSecond: sum(answers.map((one) => one.succeeded)) / seconds,
      p50Ms: Math.max(...answers.map((one) => one.p50Ms)),
      p99Ms: Math.max(...answers.map((one) => one.p99Ms)),
      errors: sum(answers.map((one) => one.errors)),
      ...loads,
    };
  } finally {
    client.close();
    await Promise.all(apis.map((api) => api.stop()));
    await Promise.all(workers.map((worker) => worker.stop()));
  }
}
