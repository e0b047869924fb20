import { type FieldError, pointsIn, seriesPointsMax, seriesSpan } from '@event-tracker/domain';
import type { Request } from 'express';
import { timeSeriesQuery } from './statistics-schemas.ts';

const range = timeSeriesQuery.pick({ from: true, to: true, interval: true });

/**
 * What is wrong with a range whose ends are right by themselves. Told together with what else is wrong with the query:
 * hence not by what was parsed of the whole.
 */
export function rangeErrors(query: Request['query']): FieldError[] {
  const parsed = range.safeParse(query);
  if (!parsed.success) return [];
  const { from, to, interval } = parsed.data;
  if (from >= to) return [{ path: 'to', message: 'must be later than from' }];
  const points = pointsIn(seriesSpan(from, to, interval));
  if (points <= seriesPointsMax) return [];
  const message = `must be at most ${seriesPointsMax} points after from, and is ${points}: take a longer interval or a shorter range`;
  return [{ path: 'to', message }];
}
