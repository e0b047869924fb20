import { recentKeywordLifeMs, recentKeywordLimit } from '@event-tracker/domain';
import { afterAll, beforeAll, beforeEach, expect, test } from '@jest/globals';
import { readRecentKeywords } from '../src/index.ts';
import { aSearch } from './support/builders.ts';
import { clockAt, noon } from './support/clock.ts';
import { both, openTestStatistics, type TestStatistics } from './support/test-statistics.ts';

const minute = 60_000;
const clock = clockAt(noon);
let statistics: TestStatistics;

beforeAll(async () => {
  statistics = await openTestStatistics(clock.now);
});
beforeEach(async () => {
  clock.at = noon;
  await statistics.ledger.empty();
  await statistics.views.redis.flushall();
  await statistics.views.declareFresh();
});
afterAll(() => statistics.close());

const search = (userId: number, keyword: string, ago: number) =>
  aSearch(keyword, { userId, occurredAt: noon - ago });

async function recent(userId: number) {
  const shown = await statistics.views.reader.recentKeywords(userId);
  const since = clock.at - recentKeywordLifeMs;
  return {
    views: shown.status === 'fresh' ? shown.value : shown.status,
    ledger: await readRecentKeywords(statistics.ledger.pool, userId, since, recentKeywordLimit),
  };
}

test('a keyword stands once, by its latest search, in whatever order searches arrive', async () => {
  await statistics.add([search(1, 'cat', 5000), search(1, 'dog', 3000)]);
  await statistics.add([search(1, 'cat', 1000), search(2, 'bird', 0)]);
  await statistics.add([search(1, 'dog', 9000), search(1, 'fish', 2000)]);
  expect(await recent(1)).toEqual(both(['cat', 'fish', 'dog']));
  expect(await recent(2)).toEqual(both(['bird']));
  expect(await recent(3)).toEqual(both([]));
});

test('the ten latest are kept, also when an older one arrives late', async () => {
  const keywords = Array.from({ length: 12 }, (_, index) => `keyword ${index}`);
  await statistics.add(keywords.map((keyword, index) => search(1, keyword, index * 1000)));
  await statistics.add([search(1, 'late', 11_500)]);
  expect(await recent(1)).toEqual(both(keywords.slice(0, 10)));
});

test('searches of the same millisecond stand in one order everywhere', async () => {
  await statistics.add(['b', '🐈', 'a', '\ue000'].map((keyword) => search(1, keyword, 1000)));
  expect(await recent(1)).toEqual(both(['🐈', '\ue000', 'b', 'a']));
});

test('a keyword is forgotten an hour after its last search', async () => {
  await statistics.add([search(1, 'earlier', 30 * minute), search(1, 'later', 10 * minute)]);
  clock.at = noon + 30 * minute - 1;
  expect(await recent(1)).toEqual(both(['later', 'earlier']));
  clock.at = noon + 30 * minute;
  expect(await recent(1)).toEqual(both(['later']));
  clock.at = noon + 50 * minute;
  expect(await recent(1)).toEqual(both([]));
});

test('a search without a user is nobody’s recent keyword', async () => {
  await statistics.add([aSearch('cat', { occurredAt: noon })]);
  expect(await statistics.views.redis.keys('view:*:recent:*')).toEqual([]);
});

test('the largest user id has keywords of its own', async () => {
  const largest = Number.MAX_SAFE_INTEGER;
  await statistics.add([search(largest, 'cat', 0), search(largest - 1, 'dog', 0)]);
  expect(await recent(largest)).toEqual(both(['cat']));
  expect(await recent(largest - 1)).toEqual(both(['dog']));
});
