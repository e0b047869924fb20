import { type BucketSpan, bucketSpans } from './bucket-spans.ts';
import { countsInSpan } from './postgres/counts-in-span.ts';
import type { Pool } from './postgres/pool.ts';
import type { Views } from './redis/views.ts';

/**
 * Merges the minutes of the spans, and the hours that they lie in, from the ledger into the views, each bucket once.
 * Answers how many counts that were; `onProgress` is told so far.
 */
export async function mergeSpans(
  { pool, views }: { pool: Pool; views: Views },
  spans: readonly BucketSpan[],
  onProgress = (_merged: number) => {},
): Promise<number> {
  let merged = 0;
  for (const grain of ['minute', 'hour'] as const) {
    for (const span of bucketSpans(spans, grain)) {
      for await (const counts of countsInSpan(pool, grain, span)) {
        await views.merge(counts, []);
        merged += counts.length;
        onProgress(merged);
      }
    }
  }
  return merged;
}
