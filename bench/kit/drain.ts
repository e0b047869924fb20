import { setTimeout as pause } from 'node:timers/promises';
import { untilReady } from '@event-tracker/testing';
import type { Expected } from './backlog-events.ts';
import { type Client, createClient } from './http.ts';
import { connectClient } from './postgres-client.ts';
import { type Load, watchUsage } from './process-usage.ts';
import { isAddedUp } from './settled.ts';
import type { Stores } from './stores.ts';
import { environment, type System, thisSystem } from './system.ts';

export interface Drained {
  eventsPerSecond: number;
  seconds: number;
  /** All workers together. */
  worker: Load;
  postgres: Load;
  redis: Load;
  /** This process: what it asks, and proxies in it. */
  bench: Load;
}

export interface DrainOptions {
  databaseUrl: string;
  stores: Stores;
  /** What the database holds, and what is counted, in the end. */
  expected: Expected;
  /** Fills the lane, while the workers are stopped. Gets the API's address. */
  fill(apiUrl: string): Promise<void>;
  signal: AbortSignal;
  system?: System;
  workers?: number;
  /** For the workers, beyond what all processes get. */
  workerEnv?: Readonly<Record<string, string>>;
  /** Is called when the workers begin; what it answers, when they are done. */
  watch?: () => () => Promise<void>;
  /** Is called while the processes still run. */
  beforeEnd?: (apiUrl: string) => Promise<void>;
}

const pollMs = 10;
const limitMs = 300_000;

/**
 * Fills a lane before workers that are ready, and takes the time from their first commit until everything is stored and
 * added up: nothing is in flight by the books, and the statistics count all page views. What the first commits stored
 * does not count. The workers are stopped (SIGSTOP) while the lane is filled, so that all of them begin at once.
 */
export async function timeDrain(options: DrainOptions): Promise<Drained> {
  const { databaseUrl, stores, fill, system = thisSystem, workers: count = 1, workerEnv } = options;
  const env = environment(databaseUrl, stores);
  const api = await system.startApi(env);
  const client = createClient(api.url);
  const workers = await Promise.all(
    Array.from({ length: count }, () => system.startWorker({ ...env, ...workerEnv })),
  );
  try {
    await Promise.all([api, ...workers].map(untilReady));
    for (const worker of workers) worker.signal('SIGSTOP');
    await fill(api.url);
    const drained = await takeTime(options, client, {
      pids: workers.map(({ pid }) => pid),
      begin() {
        for (const worker of workers) worker.signal('SIGCONT');
      },
    });
    await options.beforeEnd?.(api.url);
    return drained;
  } finally {
    client.close();
    await Promise.all([...workers, api].map((one) => one.stop()));
  }
}

async function takeTime(
  { databaseUrl, stores, expected, signal, watch }: DrainOptions,
  client: Client,
  workers: { pids: readonly number[]; begin(): void },
): Promise<Drained> {
  const database = await connectClient(databaseUrl);
  const { rows: clock } = await database.query<{ now: string }>('select now()::text as now');
  const committed = async () => {
    const { rows } = await database.query<{ events: string }>({
      name: 'committed',
      text: 'select coalesce(sum(event_count), 0) as events from batch where committed_at >= $1::timestamptz',
      values: [clock[0]!.now],
    });
    return Number(rows[0]!.events);
  };
  const deadline = performance.now() + limitMs;
  const turn = async () => {
    signal.throwIfAborted();
    if (performance.now() > deadline) throw new Error(`a backlog was not drained in ${limitMs} ms`);
    await pause(pollMs);
  };
  try {
    workers.begin();
    let first = await committed();
    for (; first === 0; first = await committed()) await turn();
    const began = performance.now();
    const usage = watchUsage({
      worker: workers.pids,
      postgres: { family: stores.postgresPid },
      redis: stores.redisPids,
      bench: process.pid,
    });
    const endWatch = watch?.();
    let shownAt = performance.now();
    // The books are asked last: they are dear. Until when they count is before they are asked.
    for (;;) {
      if (await isShown(client, expected)) {
        shownAt = performance.now();
        if (await isAddedUp(client, expected.stored)) break;
      }
      await turn();
    }
    const seconds = (shownAt - began) / 1000;
    const loads = usage();
    await endWatch?.();
    return { seconds, eventsPerSecond: (expected.added - first) / seconds, ...loads };
  } finally {
    await database.end();
  }
}

async function isShown(client: Client, { pageViews }: Expected): Promise<boolean> {
  for (const [component, expected] of pageViews) {
    const path = `/api/statistics?eventType=PAGE_VIEW&componentId=${component}&window=6h`;
    const { status, body } = await client.get(path);
    if (status !== 200 || (JSON.parse(body) as { count: number }).count !== expected) return false;
  }
  return true;
}
