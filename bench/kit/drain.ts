import { setTimeout as pause } from 'node:timers/promises';
import { idSubject } from '@event-tracker/domain';
import { createViewReader } from '@event-tracker/storage';
import { startWorker } from '@event-tracker/testing';
import { laneIsEmpty } from './backlog.ts';
import { connectClient } from './postgres-client.ts';
import { type Load, watchUsage } from './process-usage.ts';
import { pageViewComponent } from './scenario.ts';
import type { Stores } from './stores.ts';

export interface Drained {
  eventsPerSecond: number;
  seconds: number;
  worker: Load;
}

const pollMs = 10;
const limitMs = 180_000;

/**
 * Starts a worker on a filled lane, and takes the time from its first commit until everything is committed, the lane is
 * empty, and the views show all page views. What the first commits stored does not count, nor does the worker's start.
 *
 * @param expected what the database holds, and what the views show, in the end
 * @param beforeEnd is called while the worker still runs
 */
export async function timeDrain(options: {
  databaseUrl: string;
  stores: Stores;
  expected: { stored: number; pageViews: number };
  signal: AbortSignal;
  beforeEnd?: () => Promise<void>;
}): Promise<Drained> {
  const { databaseUrl, stores, expected, signal, beforeEnd } = options;
  const client = await connectClient(databaseUrl);
  const views = createViewReader({ redis: stores.redis, now: Date.now });

  async function stored(): Promise<number> {
    const { rows } = await client.query<{ stored: string }>({
      name: 'stored',
      text: 'select coalesce(sum(stored), 0) as stored from producer',
    });
    return Number(rows[0]!.stored);
  }

  async function isVisible(): Promise<boolean> {
    const shown = await views.count('PAGE_VIEW', idSubject(pageViewComponent), '6h');
    return shown.status === 'fresh' && shown.value === expected.pageViews;
  }

  async function untilDone(before: number, pid: number): Promise<Drained> {
    const deadline = performance.now() + limitMs;
    let first: { at: number; stored: number; usage: () => Record<'worker', Load> } | undefined;
    for (;;) {
      signal.throwIfAborted();
      const now = await stored();
      if (first === undefined && now > before)
        first = { at: performance.now(), stored: now, usage: watchUsage({ worker: pid }) };
      if (first && now >= expected.stored && (await laneIsEmpty(stores.redis)) && (await isVisible())) {
        const seconds = (performance.now() - first.at) / 1000;
        return { seconds, eventsPerSecond: (expected.stored - first.stored) / seconds, ...first.usage() };
      }
      if (performance.now() > deadline)
        throw new Error(`the worker did not end with its backlog in ${limitMs} ms: ${now} are stored`);
      await pause(pollMs);
    }
  }

  const before = await stored();
  const worker = await startWorker({
    DATABASE_URL: databaseUrl,
    REDIS_URL: stores.redisUrl,
    NODE_ENV: 'production',
  });
  try {
    const drained = await untilDone(before, worker.pid);
    await beforeEnd?.();
    return drained;
  } finally {
    await worker.stop();
    await client.end();
  }
}
