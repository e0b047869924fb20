import { until } from '@event-tracker/testing';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { expectStatus, get, post } from './requests.ts';
import { startTracker, type Tracker } from './tracker.ts';

const lengths = { minute: 60_000, hour: 3_600_000, day: 86_400_000 };
type Interval = keyof typeof lengths;

/** Begins a day that all events of this file lie in or around, back-dated by up to two weeks. */
const day = Math.floor(Date.now() / lengths.day) * lengths.day - 14 * lengths.day;
const time = (at: number) => new Date(at).toISOString();

interface Sent {
  eventType: string;
  userId: number;
  sessionId: string;
  occurredAt: string;
  metadata: { componentId: number; keyword?: string; postId?: number };
}

function event(eventType: string, at: number, metadata: Partial<Sent['metadata']> = {}, userId = 1): Sent {
  return {
    eventType,
    userId,
    sessionId: 's',
    occurredAt: time(at),
    metadata: { componentId: 1, ...metadata },
  };
}

const { minute, hour } = lengths;
const postId = 5;

/** At and around every edge: the first and the last millisecond of minutes, hours and days. */
const moments = [0, 2 * minute, hour, 23 * hour, lengths.day, 2 * lengths.day].flatMap((edge) => [
  day + edge - 1,
  day + edge,
  day + edge + minute - 1,
]);

const events = [
  ...moments.flatMap((at) => [
    event('CLICK', at),
    event('CLICK', at, { componentId: 2, postId }),
    event('PAGE_VIEW', at),
    event('SEARCH', at, { componentId: 1001, keyword: '고양이' }),
    event('SEARCH', at, { componentId: 1004, keyword: 'Cat' }),
  ]),
  // Every second of them takes the like before it back; then one that takes back nothing.
  ...moments.map((at, index) => event(index % 2 ? 'UNLIKE' : 'LIKE', at, { postId, componentId: 1003 })),
  event('UNLIKE', day + 3 * lengths.day, { postId, componentId: 1003 }),
];
const tookEffect = events.slice(0, -1);

let tracker: Tracker;

beforeAll(async () => {
  tracker = await startTracker({ worker: true });
  // Latest first: what comes late is in its own minute, hour and day all the same. Which likes take effect is decided
  // within a commit by their times, so they are one batch.
  const latestFirst = events.toReversed();
  const isLike = ({ eventType }: Sent) => eventType === 'LIKE' || eventType === 'UNLIKE';
  for (const part of [latestFirst.filter((one) => !isLike(one)), latestFirst.filter(isLike)])
    await expectStatus(post(`${tracker.url}/api/events/batch`, part), 202);
  await until(async () => (await get(`${tracker.url}/admin/ledger`)).body.stored === events.length);
});

afterAll(() => tracker.stop());

type Filter = Partial<Sent['metadata']>;

/** Plain counting over what was sent. */
function pointsOf(eventType: string, filter: Filter, from: number, to: number, interval: Interval) {
  const length = lengths[interval];
  const first = Math.floor(from / length) * length;
  const end = Math.floor(to / length) * length;
  const matching = tookEffect.filter(
    ({ eventType: type, metadata }) =>
      type === eventType &&
      Object.entries(filter).every(
        ([name, value]) => metadata[name as keyof Filter]?.toString().toLowerCase() === String(value),
      ),
  );
  const points = [];
  for (let at = first; at < end; at += length) {
    const inside = ({ occurredAt }: Sent) =>
      Date.parse(occurredAt) >= at && Date.parse(occurredAt) < at + length;
    points.push({ at: time(at), count: matching.filter(inside).length });
  }
  return points;
}

async function expectSeries(eventType: string, filter: Filter, from: number, to: number, interval: Interval) {
  const query = { eventType, ...filter, from: time(from), to: time(to), interval };
  const answer = await get<{ points: { count: number }[] }>(
    `${tracker.url}/api/statistics/timeseries`,
    query,
  );
  const points = pointsOf(eventType, filter, from, to, interval);
  expect(answer).toEqual({ body: { interval, points }, servedBy: 'postgres' });
  return points.reduce((sum, point) => sum + point.count, 0);
}

describe.each<[string, Filter]>([
  ['CLICK', {}],
  ['CLICK', { componentId: 2 }],
  ['CLICK', { postId }],
  ['CLICK', { componentId: 1, postId }],
  ['PAGE_VIEW', { componentId: 1 }],
  ['SEARCH', {}],
  ['SEARCH', { keyword: '고양이' }],
  ['SEARCH', { keyword: 'cat', componentId: 1004 }],
  ['SEARCH', { componentId: 1001 }],
  ['LIKE', { postId }],
  ['UNLIKE', { postId }],
  ['UNLIKE', { postId, componentId: 1003 }],
  ['LIKE', {}],
])('%s by %j', (eventType, filter) => {
  test.each<[Interval, number, number]>([
    ['minute', -10 * minute, 70 * minute],
    ['minute', 23 * hour - 12_345, 25 * hour + 54_321],
    ['hour', -hour, 50 * hour],
    ['hour', -1, 2 * lengths.day + 1],
    ['day', -2 * lengths.day, 5 * lengths.day],
    ['day', hour, 3 * lengths.day - 1],
  ])('by the %s is what plain counting says', async (interval, from, to) => {
    const counted = await expectSeries(eventType, filter, day + from, day + to, interval);
    if (interval === 'day' && !(filter.componentId === 1 && filter.postId))
      expect(counted).toBeGreaterThan(0);
  });
});

test('the ends are cut to the interval, and may be written with any offset', async () => {
  const query = { eventType: 'CLICK', interval: 'hour' };
  const from = time(day + 59 * minute).replace('Z', '+00:00');
  const to = time(day + 2 * hour + 9 * hour + 1).replace('Z', '+09:00');
  const url = `${tracker.url}/api/statistics/timeseries`;
  const { body } = await get<{ points: { at: string }[] }>(url, { ...query, from, to });
  expect(body.points.map(({ at }) => at)).toEqual([time(day), time(day + hour)]);
});

test('within one bucket there is no point', async () => {
  const query = { eventType: 'CLICK', interval: 'day', from: time(day), to: time(day + hour) };
  const { body } = await get(`${tracker.url}/api/statistics/timeseries`, query);
  expect(body).toEqual({ interval: 'day', points: [] });
});

test('two thousand points are answered', async () => {
  const query = { eventType: 'CLICK', interval: 'minute', from: time(day), to: time(day + 2000 * minute) };
  const { body } = await get<{ points: object[] }>(`${tracker.url}/api/statistics/timeseries`, query);
  expect(body.points).toHaveLength(2000);
});
