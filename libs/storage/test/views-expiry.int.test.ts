import { type Grain, idSubject, type SubjectCount } from '@event-tracker/domain';
import { afterAll, beforeAll, beforeEach, expect, test } from '@jest/globals';
import { clockAt, noon } from './support/clock.ts';
import { openTestViews, type TestViews } from './support/test-views.ts';

let shown: TestViews;

beforeAll(async () => {
  shown = await openTestViews({ now: clockAt(noon).now });
});
beforeEach(() => shown.redis.flushall());
afterAll(() => shown.close());

const minute = 60_000;
const hour = 60 * minute;
const clicks = (grain: Grain, bucket: number): SubjectCount => ({
  grain,
  bucket,
  eventType: 'CLICK',
  subject: idSubject(1),
  count: 1,
});
const expiries = async () => {
  const keys = await shown.redis.keys('view:{component}:CLICK:*');
  return Promise.all(keys.map((key) => shown.redis.pexpiretime(key)));
};

test('a bucket expires 25 hours after its end: the longest window and an hour to spare', async () => {
  await shown.views.merge([clicks('minute', noon)], []);
  expect(await expiries()).toEqual([noon + minute + 25 * hour]);
  await shown.redis.flushall();
  await shown.views.merge([clicks('hour', noon - hour)], []);
  expect(await expiries()).toEqual([noon + 25 * hour]);
});

test('a later merge of the same bucket does not move its expiry', async () => {
  await shown.views.merge([clicks('minute', noon - 10 * minute)], []);
  await shown.views.merge([{ ...clicks('minute', noon - 10 * minute), count: 9 }], []);
  expect(await expiries()).toEqual([noon - 9 * minute + 25 * hour]);
});

test('buckets that ended more than 25 hours ago are not merged, nor are days', async () => {
  const oldest = noon - 25 * hour;
  await shown.views.merge(
    [clicks('minute', oldest - minute), clicks('hour', oldest - hour), clicks('day', noon - 12 * hour)],
    [],
  );
  expect(await shown.redis.keys('view:*')).toEqual([]);
  await shown.views.merge([clicks('minute', oldest), clicks('hour', oldest)], []);
  expect(await shown.redis.keys('view:*')).toHaveLength(2);
});

test("a user's recent keywords expire an hour after the latest", async () => {
  const search = (keyword: string, occurredAt: number) => ({ userId: 5, keyword, occurredAt });
  await shown.views.merge([], [search('later', noon - 5 * minute), search('earlier', noon - 50 * minute)]);
  await shown.views.merge([], [search('earliest', noon - 55 * minute)]);
  expect(await shown.redis.pexpiretime('view:{keyword}:recent:5')).toBe(noon + 55 * minute);
});
