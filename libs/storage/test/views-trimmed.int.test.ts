import { type EventType, idSubject, type SubjectCount } from '@event-tracker/domain';
import { afterAll, beforeAll, beforeEach, expect, test } from '@jest/globals';
import { clockAt, noon } from './support/clock.ts';
import { openTestViews, type TestViews } from './support/test-views.ts';

const membersMax = 10;
let shown: TestViews;

beforeAll(async () => {
  shown = await openTestViews({ now: clockAt(noon).now, membersMax });
});
beforeEach(() => shown.redis.flushall());
afterAll(() => shown.close());

const minute = 60_000;
const subjects = (eventType: EventType, bucket: number, howMany: number): SubjectCount[] =>
  Array.from({ length: howMany }, (_, index) => ({
    grain: 'minute',
    bucket,
    eventType,
    subject: idSubject(index + 1),
    count: index + 1,
  }));

test('a bucket that grows beyond its cap keeps the highest counts', async () => {
  await shown.views.merge(subjects('CLICK', noon, membersMax + 3), []);
  const [key] = await shown.redis.keys('view:{component}:CLICK:minute:*');
  expect(await shown.redis.zrange(key!, 0, '-1')).toEqual(
    Array.from({ length: membersMax }, (_, index) => idSubject(index + 4)),
  );
});

test('a window with a trimmed bucket says so, for rankings and single counts; one without it is fresh', async () => {
  await shown.views.merge(subjects('CLICK', noon - 10 * minute, membersMax + 1), []);
  await shown.views.merge(subjects('CLICK', noon, membersMax), []);
  await shown.declareFresh();
  expect(await shown.reader.ranking('CLICK', '5m', 1)).toEqual({
    status: 'fresh',
    value: [{ subject: idSubject(membersMax), count: membersMax }],
  });
  expect(await shown.reader.count('CLICK', idSubject(1), '5m')).toEqual({ status: 'fresh', value: 1 });
  for (const window of ['15m', '1h', '6h', '24h'] as const) {
    expect(await shown.reader.ranking('CLICK', window, 1)).toEqual({ status: 'trimmed' });
    expect(await shown.reader.count('CLICK', idSubject(1), window)).toEqual({ status: 'trimmed' });
  }
});

test('a bucket that fills up over several merges is marked, too, and stays marked', async () => {
  const all = subjects('CLICK', noon, membersMax + 1);
  await shown.views.merge(all.slice(0, 6), []);
  await shown.views.merge(all.slice(6), []);
  await shown.views.merge(all.slice(0, 2), []);
  await shown.declareFresh();
  expect(await shown.reader.count('CLICK', idSubject(5), '1m')).toEqual({ status: 'trimmed' });
});

test('net likes are trimmed when the unlikes are', async () => {
  await shown.views.merge(subjects('LIKE', noon, 2), []);
  await shown.views.merge(subjects('UNLIKE', noon, membersMax + 1), []);
  await shown.declareFresh();
  expect(await shown.reader.count('LIKE', idSubject(1), '1m')).toEqual({ status: 'trimmed' });
  expect(await shown.reader.ranking('LIKE', '1m', 5)).toEqual({ status: 'trimmed' });
});

test('the marks of buckets that no window reaches any more go when others are made', async () => {
  const clock = clockAt(noon - 26 * 60 * minute);
  await shown.redis.zadd('view:{component}:trimmed', clock.at, 'a bucket of yesterday');
  await shown.views.merge(subjects('CLICK', noon, membersMax + 1), []);
  expect(await shown.redis.zcard('view:{component}:trimmed')).toBe(1);
});
