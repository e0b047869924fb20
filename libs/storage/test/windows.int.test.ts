import { idSubject, type LiveWindow } from '@event-tracker/domain';
import { afterAll, beforeAll, beforeEach, expect, test } from '@jest/globals';
import { anEvent } from './support/builders.ts';
import { clockAt, noon } from './support/clock.ts';
import { both, openTestStatistics, type TestStatistics } from './support/test-statistics.ts';

const minute = 60_000;
const hour = 60 * minute;
const clock = clockAt(noon);
let statistics: TestStatistics;

/** One click at the start and one at the last millisecond of each of these minutes, in minutes from noon. */
const clicked = [-1440, -1439, -1380, -361, -360, -359, -61, -60, -59, -15, -14, -5, -4, -1, 0, 1, 4];

beforeAll(async () => {
  statistics = await openTestStatistics(clock.now);
  const starts = clicked.map((minutes) => noon + minutes * minute);
  clock.at = noon - hour;
  await statistics.add(
    starts.flatMap((start) => [start, start + minute - 1]).map((occurredAt) => anEvent({ occurredAt })),
  );
});
beforeEach(() => statistics.views.declareFresh());
afterAll(() => statistics.close());

const lengths: Record<LiveWindow, number> = { '1m': 1, '5m': 5, '15m': 15, '1h': 60, '6h': 360, '24h': 1440 };

test.each([
  ['at the first millisecond of an hour', noon],
  ['at the last millisecond of an hour', noon - 1],
  ['a minute into an hour', noon + minute],
  ['in the last minute of an hour', noon + hour - 1],
  ['within an hour', noon + 29 * minute + 1234],
])('every window holds its whole minutes and no others %s', async (_when, now) => {
  clock.at = now;
  const last = Math.floor((now - noon) / minute);
  for (const [window, length] of Object.entries(lengths) as [LiveWindow, number][]) {
    const inside = clicked.filter((at) => at > last - length && at <= last).length;
    expect([window, await statistics.count('CLICK', idSubject(1002), window)]).toEqual([
      window,
      both(2 * inside),
    ]);
  }
});

test('an event ahead of the clock is counted once its minute has come', async () => {
  const ahead = noon + 4 * minute;
  clock.at = ahead - 1;
  expect(await statistics.count('CLICK', idSubject(1002), '1m')).toEqual(both(0));
  clock.at = ahead;
  expect(await statistics.count('CLICK', idSubject(1002), '1m')).toEqual(both(2));
});
