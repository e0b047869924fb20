import { idSubject, type SubjectCount } from '@event-tracker/domain';
import { afterAll, beforeAll, beforeEach, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { clockAt, noon } from './support/clock.ts';
import { openTestViews, type TestViews } from './support/test-views.ts';

let shown: TestViews;

beforeAll(async () => {
  shown = await openTestViews({ now: clockAt(noon).now });
});
beforeEach(() => shown.redis.flushall());
afterAll(() => shown.close());

const minute = 60_000;
const clicks = (component: number, count: number, bucket = noon): SubjectCount => ({
  grain: 'minute',
  bucket,
  eventType: 'CLICK',
  subject: idSubject(component),
  count,
});

/** Every bucket with its members and counts. */
async function contents(): Promise<Record<string, string[]>> {
  const keys = (await shown.redis.keys('view:*:minute:*')).concat(await shown.redis.keys('view:*:hour:*'));
  const members = await Promise.all(keys.map((key) => shown.redis.zrange(key, 0, '-1', 'WITHSCORES')));
  return Object.fromEntries(keys.map((key, index) => [key, members[index]!]));
}

const aCount: fc.Arbitrary<SubjectCount> = fc
  .record({
    grain: fc.constantFrom('minute' as const, 'hour' as const),
    ago: fc.nat(2),
    eventType: fc.constantFrom('CLICK' as const, 'PAGE_VIEW' as const, 'LIKE' as const, 'UNLIKE' as const),
    id: fc.integer({ min: 1, max: 4 }),
    count: fc.integer({ min: 1, max: 50 }),
  })
  .map(({ grain, ago, eventType, id, count }) => {
    const bucket = noon - ago * (grain === 'minute' ? minute : 60 * minute);
    return { grain, bucket, eventType, subject: idSubject(id), count };
  });

test('merges end in the same views, in whatever order, grouping and repetition they come', async () => {
  const merges = fc.array(fc.array(aCount, { maxLength: 30 }), { maxLength: 8 });
  const twoOrders = merges.chain((all) =>
    fc.record({
      one: fc.constant(all),
      // The same counts in other merges, some of them more than once.
      other: fc
        .shuffledSubarray([...all.flat(), ...all.flat()], { minLength: all.flat().length })
        .map((some) => [some, all.flat().reverse(), some.slice(0, 5)]),
    }),
  );
  await fc.assert(
    fc.asyncProperty(twoOrders, async ({ one, other }) => {
      await shown.redis.flushall();
      for (const counts of one) await shown.views.merge(counts, []);
      const expected = await contents();
      await shown.redis.flushall();
      await Promise.all(other.map((counts) => shown.views.merge(counts, [])));
      expect(await contents()).toEqual(expected);
    }),
    { numRuns: 60 },
  );
});

test('the greatest count that was merged is what a view shows', async () => {
  for (const count of [3, 7, 5, 7, 1]) await shown.views.merge([clicks(1, count)], []);
  await shown.declareFresh();
  expect(await shown.reader.count('CLICK', idSubject(1), '1m')).toEqual({ status: 'fresh', value: 7 });
});

test('a merge of more counts than one script call takes is whole', async () => {
  const counts = Array.from({ length: 4500 }, (_, index) =>
    clicks(1 + (index % 900), index + 1, noon - Math.floor(index / 900) * minute),
  );
  await shown.views.merge(counts, []);
  await shown.declareFresh();
  expect(Object.values(await contents()).map((members) => members.length)).toEqual(Array(5).fill(1800));
  expect(await shown.reader.count('CLICK', idSubject(900), '5m')).toEqual({
    status: 'fresh',
    value: 900 + 1800 + 2700 + 3600 + 4500,
  });
});

test('merging nothing is well', async () => {
  await shown.views.merge([], []);
  expect(await shown.redis.dbsize()).toBe(0);
});
