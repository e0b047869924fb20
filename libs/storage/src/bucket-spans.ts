import { bucketStart, type Grain, grains } from '@event-tracker/domain';

/** Starts of the first and of the last bucket, both inclusive, in milliseconds since the epoch. */
export interface BucketSpan {
  from: number;
  to: number;
}

/** The buckets of a grain that hold any moment of the spans, as disjoint spans in order: each bucket once. */
export function bucketSpans(spans: readonly BucketSpan[], grain: Grain): BucketSpan[] {
  const whole = spans
    .map(({ from, to }) => ({ from: bucketStart(from, grain), to: bucketStart(to, grain) }))
    .sort((a, b) => a.from - b.from);
  const union: BucketSpan[] = [];
  for (const span of whole) {
    const last = union.at(-1);
    if (last && span.from <= last.to + grains[grain]) last.to = Math.max(last.to, span.to);
    else union.push(span);
  }
  return union;
}
