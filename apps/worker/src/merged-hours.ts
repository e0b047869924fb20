import { bucketStart } from '@event-tracker/domain';
import type { Views } from '@event-tracker/storage';

export interface MergedHours {
  /** As the views; what is merged by them is noted. */
  views: Views;
  /** Begins a new period: what was noted before the one that ends now is forgotten. */
  next(): void;
  /** Starts of the hours that were merged into in this period and in the one before it. */
  lately(): number[];
  forget(): void;
}

/** Notes the hours that counts and searches were merged into, of two periods. */
export function noteMergedHours(views: Views): MergedHours {
  let before = new Set<number>();
  let now = new Set<number>();
  return {
    views: {
      async merge(counts, recentKeywords) {
        for (const { bucket } of counts) now.add(bucketStart(bucket, 'hour'));
        for (const { occurredAt } of recentKeywords) now.add(bucketStart(occurredAt, 'hour'));
        await views.merge(counts, recentKeywords);
      },
    },
    next() {
      before = now;
      now = new Set();
    },
    lately: () => [...new Set([...before, ...now])],
    forget() {
      before = new Set();
      now = new Set();
    },
  };
}
