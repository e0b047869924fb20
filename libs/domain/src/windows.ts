import { bucketStart, type Grain, grains } from './time.ts';

/** Lengths in minutes. `all` has none: it begins with the first event kept. */
const lengths = { '1m': 1, '5m': 5, '15m': 15, '1h': 60, '6h': 360, '24h': 1440 } as const;

export type LiveWindow = keyof typeof lengths;
export type StatisticsWindow = LiveWindow | 'all';

export const liveWindows = Object.keys(lengths) as readonly LiveWindow[];
export const statisticsWindows: readonly StatisticsWindow[] = [...liveWindows, 'all'];

export const longestLiveWindowMs = lengths['24h'] * grains.minute;

/** A run of whole buckets of one grain; milliseconds since the epoch. */
export interface Span {
  grain: Grain;
  /** Inclusive. */
  from: number;
  /** Exclusive. */
  to: number;
}

/** A window is whole UTC minutes and ends with the one that holds `now`; what is still ahead lies outside. */
export function windowBounds(window: LiveWindow, now: number): { from: number; to: number } {
  const to = bucketStart(now, 'minute') + grains.minute;
  return { from: to - lengths[window] * grains.minute, to };
}

/**
 * The window as disjoint spans, the coarsest that fit, so that it is a union of few buckets. An hour or a day is used
 * only where all of it lies in the window: the one that `now` is in may hold events of an API whose clock is
 * ahead.
 */
export function windowSpans(window: StatisticsWindow, now: number): Span[] {
  if (window !== 'all') {
    const { from, to } = windowBounds(window, now);
    return spansBetween(from, to, ['minute', 'hour']);
  }
  const to = bucketStart(now, 'minute') + grains.minute;
  return spansBetween(0, to, ['minute', 'hour', 'day']);
}

function spansBetween(from: number, to: number, [grain, ...coarser]: readonly Grain[]): Span[] {
  if (from >= to || grain === undefined) return [];
  const next = coarser[0];
  if (next === undefined) return [{ grain, from, to }];
  const first = Math.ceil(from / grains[next]) * grains[next];
  const last = bucketStart(to, next);
  if (first >= last) return [{ grain, from, to }];
  return [
    ...spansBetween(from, first, [grain]),
    ...spansBetween(first, last, coarser),
    ...spansBetween(last, to, [grain]),
  ];
}

/** The starts of a span's buckets, ascending. */
export function bucketsOf({ grain, from, to }: Span): number[] {
  const starts: number[] = [];
  for (let at = from; at < to; at += grains[grain]) starts.push(at);
  return starts;
}
