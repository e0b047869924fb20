import { bucketStart, type Grain, grains } from './time.ts';
import { bucketsOf, type Span } from './windows.ts';

/** Points that one answer may hold. */
export const seriesPointsMax = 2000;

export interface Point {
  /** The bucket's start, milliseconds since the epoch. */
  at: number;
  count: number;
}

/** The buckets from the one that holds `from` up to, and without, the one that holds `to`. */
export function seriesSpan(from: number, to: number, grain: Grain): Span {
  return { grain, from: bucketStart(from, grain), to: bucketStart(to, grain) };
}

export function pointsIn({ grain, from, to }: Span): number {
  return (to - from) / grains[grain];
}

/** A point for each bucket of the span, ascending; those that nothing was counted in are 0. */
export function seriesPoints(span: Span, counts: ReadonlyMap<number, number>): Point[] {
  return bucketsOf(span).map((at) => ({ at, count: counts.get(at) ?? 0 }));
}
