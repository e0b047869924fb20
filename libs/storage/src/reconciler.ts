import { bucketStart, eventTypes, grains } from '@event-tracker/domain';
import { mergeSpans } from './merge-spans.ts';
import type { Pool } from './postgres/pool.ts';
import { type BucketKey, countsOf, someCountsOf } from './postgres/single-counts.ts';
import type { Redis } from './redis/connection.ts';
import { createViewSampler } from './redis/view-sampler.ts';
import type { Views } from './redis/views.ts';

/** Counts that were compared, and those among them that were wrong in the views. */
export interface Reconciliation {
  compared: number;
  /** Merged again already. */
  tooLow: number;
  /** Only a rebuild lowers them. */
  tooHigh: number;
}

export interface Reconciler {
  /** Compares a sample of the views with the ledger. */
  reconcile(): Promise<Reconciliation>;
}

/** Counts a bucket, chosen in each of three ways: the highest and some others of the view, some of the ledger. */
const countsEach = 10;
const recentMinutes = 60;
/** The clock of an API may be so many minutes ahead of this one. */
const minutesAhead = 5;
const olderHours = 24;

/**
 * The last hour is looked at every time, and of the day before it one hour a minute, in turn: within 24 minutes all of
 * what windows show.
 */
export function bucketsToCompare(now: number): Omit<BucketKey, 'eventType'>[] {
  const minute = bucketStart(now, 'minute');
  const hour = bucketStart(now, 'hour');
  const older = hour - (1 + (Math.floor(now / grains.minute) % olderHours)) * grains.hour;
  const minutes = new Set<number>();
  for (let at = -minutesAhead; at < recentMinutes; at += 1) minutes.add(minute - at * grains.minute);
  for (let at = older; at < older + grains.hour; at += grains.minute) minutes.add(at);
  return [
    ...[...minutes].map((bucket) => ({ grain: 'minute' as const, bucket })),
    ...[...new Set([hour, hour - grains.hour, older])].map((bucket) => ({ grain: 'hour' as const, bucket })),
  ];
}

/**
 * Counts grow while it looks, so the order of looking matters. A view holds what was committed before, so one that was
 * read *before* the ledger is never higher than it: higher is wrong, whatever the traffic. One that is read *after* the
 * ledger and is lower may be a merge that is on its way; merging it again does no harm.
 */
export function createReconciler(deps: {
  pool: Pool;
  redis: Redis;
  views: Views;
  now: () => number;
}): Reconciler {
  const { pool, redis, views, now } = deps;
  const sampler = createViewSampler(redis);

  return {
    async reconcile() {
      const buckets = bucketsToCompare(now()).flatMap((bucket) =>
        eventTypes.map((eventType) => ({ ...bucket, eventType })),
      );
      const shown = await sampler.someCountsOf(buckets, countsEach);
      const counted = await countsOf(pool, shown);
      const some = await someCountsOf(pool, buckets, countsEach);
      const tooHigh = shown.filter(({ count }, index) => count > counted[index]!);

      const ahead = shown.flatMap((key, index) =>
        key.count < counted[index]! ? [{ ...key, count: counted[index]! }] : [],
      );
      const inLedger = [...ahead, ...some];
      const shownNow = await sampler.countsOf(inLedger);
      const tooLow = inLedger.filter(({ count }, index) => (shownNow[index] ?? count) < count);
      if (tooLow.length > 0)
        await mergeSpans(
          { pool, views },
          tooLow.map(({ bucket }) => ({ from: bucket, to: bucket })),
        );
      return {
        compared: shown.length + some.length,
        tooLow: tooLow.length,
        tooHigh: tooHigh.length,
      };
    },
  };
}
