import { expect, test } from '@jest/globals';
import { bucketStart, type Grain } from '../src/index.ts';

test.each<{ at: string; grain: Grain; start: string }>([
  { at: '2026-11-22T10:34:00.000Z', grain: 'minute', start: '2026-11-22T10:34:00.000Z' },
  { at: '2026-11-22T10:34:59.999Z', grain: 'minute', start: '2026-11-22T10:34:00.000Z' },
  { at: '2026-11-22T10:35:00.000Z', grain: 'minute', start: '2026-11-22T10:35:00.000Z' },
  { at: '2026-11-22T10:00:00.000Z', grain: 'hour', start: '2026-11-22T10:00:00.000Z' },
  { at: '2026-11-22T10:59:59.999Z', grain: 'hour', start: '2026-11-22T10:00:00.000Z' },
  { at: '2026-11-22T00:00:00.000Z', grain: 'day', start: '2026-11-22T00:00:00.000Z' },
  { at: '2026-12-31T23:59:59.999Z', grain: 'day', start: '2026-12-31T00:00:00.000Z' },
  { at: '2028-02-29T12:00:00.000Z', grain: 'day', start: '2028-02-29T00:00:00.000Z' },
])('$at lies in the $grain that starts at $start', ({ at, grain, start }) => {
  expect(new Date(bucketStart(Date.parse(at), grain)).toISOString()).toBe(start);
});
