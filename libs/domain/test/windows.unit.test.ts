import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import {
  bucketsOf,
  type Grain,
  grains,
  type LiveWindow,
  liveWindows,
  longestLiveWindowMs,
  type Span,
  type StatisticsWindow,
  statisticsWindows,
  windowBounds,
  windowSpans,
} from '../src/index.ts';

const minutesIn: Record<LiveWindow, number> = {
  '1m': 1,
  '5m': 5,
  '15m': 15,
  '1h': 60,
  '6h': 360,
  '24h': 1440,
};

const iso = (at: number) => new Date(at).toISOString().replace(':00.000Z', '');
const readable = ({ grain, from, to }: Span) => `${grain}: ${iso(from)} to ${iso(to)}`;

/** Any moment of some years, and more often than chance has it the edge of a minute, an hour, a day or a year. */
const moments = fc
  .tuple(
    fc.integer({ min: Date.parse('2026-01-01T00:00:00Z'), max: Date.parse('2029-01-01T00:00:00Z') }),
    fc.constantFrom(1, grains.minute, grains.hour, grains.day),
    fc.constantFrom(0, -1, 1, -grains.minute, grains.minute, -grains.hour),
  )
  .map(([at, edge, offset]) => at - (at % edge) + offset);

test('the windows are those of the contract', () => {
  expect(statisticsWindows).toEqual(['1m', '5m', '15m', '1h', '6h', '24h', 'all']);
  expect(liveWindows).toEqual(['1m', '5m', '15m', '1h', '6h', '24h']);
  expect(longestLiveWindowMs).toBe(24 * 3_600_000);
});

describe('a live window is whole minutes and ends with the current one', () => {
  test.each<{ window: LiveWindow; now: string; from: string; to: string }>([
    { window: '1m', now: '2026-11-22T10:34:30.000Z', from: '2026-11-22T10:34', to: '2026-11-22T10:35' },
    { window: '1m', now: '2026-11-22T10:34:00.000Z', from: '2026-11-22T10:34', to: '2026-11-22T10:35' },
    { window: '1m', now: '2026-11-22T10:34:59.999Z', from: '2026-11-22T10:34', to: '2026-11-22T10:35' },
    { window: '5m', now: '2026-11-22T10:34:30.000Z', from: '2026-11-22T10:30', to: '2026-11-22T10:35' },
    { window: '15m', now: '2026-11-22T00:04:00.000Z', from: '2026-11-21T23:50', to: '2026-11-22T00:05' },
    { window: '1h', now: '2026-11-22T10:59:59.999Z', from: '2026-11-22T10:00', to: '2026-11-22T11:00' },
    { window: '6h', now: '2026-11-22T03:00:00.000Z', from: '2026-11-21T21:01', to: '2026-11-22T03:01' },
    { window: '24h', now: '2027-01-01T00:00:00.000Z', from: '2026-12-31T00:01', to: '2027-01-01T00:01' },
    { window: '24h', now: '2026-12-31T23:59:59.999Z', from: '2026-12-31T00:00', to: '2027-01-01T00:00' },
  ])('$window at $now is $from to $to', ({ window, now, from, to }) => {
    const bounds = windowBounds(window, Date.parse(now));
    expect([iso(bounds.from), iso(bounds.to)]).toEqual([from, to]);
  });
});

describe('a window is the coarsest spans that fit', () => {
  test.each<{ name: string; window: StatisticsWindow; now: string; spans: string[] }>([
    {
      name: 'a minute',
      window: '1m',
      now: '2026-11-22T10:34:30Z',
      spans: ['minute: 2026-11-22T10:34 to 2026-11-22T10:35'],
    },
    {
      name: 'minutes across an hour',
      window: '5m',
      now: '2026-11-22T11:01:00Z',
      spans: ['minute: 2026-11-22T10:57 to 2026-11-22T11:02'],
    },
    {
      name: 'an hour that holds no whole hour',
      window: '1h',
      now: '2026-11-22T11:00:00Z',
      spans: ['minute: 2026-11-22T10:01 to 2026-11-22T11:01'],
    },
    {
      name: 'hours between minutes',
      window: '6h',
      now: '2026-11-22T10:34:30Z',
      spans: [
        'minute: 2026-11-22T04:35 to 2026-11-22T05:00',
        'hour: 2026-11-22T05:00 to 2026-11-22T10:00',
        'minute: 2026-11-22T10:00 to 2026-11-22T10:35',
      ],
    },
    {
      name: 'hours across midnight',
      window: '24h',
      now: '2026-11-22T10:34:30Z',
      spans: [
        'minute: 2026-11-21T10:35 to 2026-11-21T11:00',
        'hour: 2026-11-21T11:00 to 2026-11-22T10:00',
        'minute: 2026-11-22T10:00 to 2026-11-22T10:35',
      ],
    },
    {
      name: 'the first minute of a year',
      window: '24h',
      now: '2027-01-01T00:00:00Z',
      spans: [
        'minute: 2026-12-31T00:01 to 2026-12-31T01:00',
        'hour: 2026-12-31T01:00 to 2027-01-01T00:00',
        'minute: 2027-01-01T00:00 to 2027-01-01T00:01',
      ],
    },
    {
      name: 'all, in the middle of a day',
      window: 'all',
      now: '2026-11-22T10:34:30Z',
      spans: [
        'day: 1970-01-01T00:00 to 2026-11-22T00:00',
        'hour: 2026-11-22T00:00 to 2026-11-22T10:00',
        'minute: 2026-11-22T10:00 to 2026-11-22T10:35',
      ],
    },
    {
      name: 'all, in the first hour of a year',
      window: 'all',
      now: '2027-01-01T00:00:00Z',
      spans: ['day: 1970-01-01T00:00 to 2027-01-01T00:00', 'minute: 2027-01-01T00:00 to 2027-01-01T00:01'],
    },
  ])('$name', ({ window, now, spans }) => {
    expect(windowSpans(window, Date.parse(now)).map(readable)).toEqual(spans);
  });
});

describe.each(statisticsWindows)('the spans of %s', (window) => {
  // What a span's bounds leave open, bucketsOf might get wrong: hence both.
  const bucketSpans = (spans: readonly Span[]) =>
    spans
      .filter(({ grain }) => grain !== 'day')
      .flatMap((span) => bucketsOf(span).map((from) => ({ from, to: from + grains[span.grain] })));

  const boundsAt = (now: number) =>
    window === 'all' ? { from: 0, to: windowBounds('1m', now).to } : windowBounds(window, now);

  test('are whole buckets that follow each other from its first minute to its last', () => {
    fc.assert(
      fc.property(moments, (now) => {
        const { from, to } = boundsAt(now);
        let end = from;
        for (const span of windowSpans(window, now)) {
          expect(span.from).toBe(end);
          expect(span.to).toBeGreaterThan(span.from);
          expect([span.from % grains[span.grain], span.to % grains[span.grain]]).toEqual([0, 0]);
          end = span.to;
        }
        expect(end).toBe(to);
      }),
    );
  });

  test('hold no bucket that reaches beyond it, where events may lie ahead', () => {
    fc.assert(
      fc.property(moments, (now) => {
        const { to } = boundsAt(now);
        for (const bucket of bucketSpans(windowSpans(window, now))) expect(bucket.to).toBeLessThanOrEqual(to);
      }),
    );
  });

  test('leave no hour that is past, nor any day of all, to smaller buckets', () => {
    const coarser: Partial<Record<Grain, Grain>> =
      window === 'all' ? { minute: 'hour', hour: 'day' } : { minute: 'hour' };
    fc.assert(
      fc.property(moments, (now) => {
        for (const { grain, from, to } of windowSpans(window, now)) {
          const next = coarser[grain];
          if (next === undefined) continue;
          const firstWhole = Math.ceil(from / grains[next]) * grains[next];
          expect(firstWhole + grains[next] > to || firstWhole + grains[next] > now).toBe(true);
        }
      }),
    );
  });
});

// The views keep no days.
test.each(liveWindows)('%s is made of minutes and hours, even where it is a whole day', (window) => {
  const lastMinuteOfDay = Date.parse('2026-11-22T23:59:30Z');
  const used = windowSpans(window, lastMinuteOfDay).map(({ grain }) => grain);
  expect(used).not.toContain('day');
});

test.each(liveWindows)('the buckets of %s hold each of its minutes once', (window) => {
  fc.assert(
    fc.property(moments, (now) => {
      const minutes = windowSpans(window, now).flatMap(({ grain, ...bounds }) =>
        bucketsOf({ grain, ...bounds }).flatMap((start) =>
          bucketsOf({ grain: 'minute', from: start, to: start + grains[grain] }),
        ),
      );
      const current = now - (now % grains.minute);
      const expected = Array.from(
        { length: minutesIn[window] },
        (_, i) => current - (minutesIn[window] - 1 - i) * grains.minute,
      );
      expect(minutes).toEqual(expected);
    }),
    { numRuns: 50 },
  );
});

test.each<{ grain: Grain; from: string; to: string; starts: string[] }>([
  { grain: 'minute', from: '2026-11-22T10:34', to: '2026-11-22T10:34', starts: [] },
  {
    grain: 'minute',
    from: '2026-11-22T23:59',
    to: '2026-11-23T00:01',
    starts: ['2026-11-22T23:59', '2026-11-23T00:00'],
  },
  {
    grain: 'hour',
    from: '2026-12-31T23:00',
    to: '2027-01-01T01:00',
    starts: ['2026-12-31T23:00', '2027-01-01T00:00'],
  },
  {
    grain: 'day',
    from: '2028-02-28T00:00',
    to: '2028-03-01T00:00',
    starts: ['2028-02-28T00:00', '2028-02-29T00:00'],
  },
])('the buckets of a span from $from to $to start by the $grain', ({ grain, from, to, starts }) => {
  const span = { grain, from: Date.parse(`${from}Z`), to: Date.parse(`${to}Z`) };
  expect(bucketsOf(span).map(iso)).toEqual(starts);
});
