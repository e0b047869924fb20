import { idSubject, type TrackedEvent } from '@event-tracker/domain';
import { afterAll, beforeAll, beforeEach, expect, test } from '@jest/globals';
import { aLike, anEvent, anUnlike, aSearch } from './support/builders.ts';
import { clockAt, noon } from './support/clock.ts';
import { both, openTestStatistics, type TestStatistics } from './support/test-statistics.ts';

const maximumId = Number.MAX_SAFE_INTEGER;
let statistics: TestStatistics;

beforeAll(async () => {
  statistics = await openTestStatistics(clockAt(noon + 30_000).now);
});
beforeEach(async () => {
  await statistics.ledger.empty();
  await statistics.views.redis.flushall();
  await statistics.views.declareFresh();
});
afterAll(() => statistics.close());

const at = { occurredAt: noon };
const times = (howMany: number, make: () => TrackedEvent) => Array.from({ length: howMany }, make);
const ranked = (subjects: readonly (string | number)[], count: number) =>
  both(
    subjects.map((subject) => ({
      subject: typeof subject === 'number' ? idSubject(subject) : subject,
      count,
    })),
  );

test('components with equal counts stand by lower id, in number order', async () => {
  await statistics.add([1002, 9, maximumId, 10, 100].map((componentId) => anEvent({ ...at, componentId })));
  expect(await statistics.ranking('CLICK', '1h')).toEqual(ranked([9, 10, 100, 1002, maximumId], 1));
  expect(await statistics.ranking('CLICK', '1h', 2)).toEqual(ranked([9, 10], 1));
});

test('posts with equal counts stand by higher id, in number order', async () => {
  await statistics.add([1002, 9, maximumId, 10, 100].map((post) => aLike(1, post, at)));
  expect(await statistics.ranking('LIKE', '1h')).toEqual(ranked([maximumId, 1002, 100, 10, 9], 1));
  expect(await statistics.ranking('LIKE', '1h', 2)).toEqual(ranked([maximumId, 1002], 1));
});

test('keywords with equal counts stand in code point order, where it differs from that of code units, too', async () => {
  // An emoji is a surrogate pair, whose units lie below those of the private use area and of full-width forms.
  const inOrder = [
    '!',
    'Z',
    'a',
    'aa',
    'b',
    'z',
    'é',
    '가',
    '고양이',
    '\ue000',
    'ｱ',
    '🐈',
    '🐈‍⬛',
    '\u{10ffff}',
  ];
  await statistics.add(inOrder.toReversed().map((keyword) => aSearch(keyword, at)));
  expect(await statistics.ranking('SEARCH', '1h')).toEqual(ranked(inOrder, 1));
  expect(await statistics.ranking('SEARCH', '1h', 12)).toEqual(ranked(inOrder.slice(0, 12), 1));
});

test('higher counts come before the order of ties', async () => {
  const clicks = (componentId: number) => () => anEvent({ ...at, componentId });
  await statistics.add([...times(3, clicks(7)), ...times(5, clicks(9)), ...times(3, clicks(5)), clicks(1)()]);
  expect(await statistics.ranking('CLICK', '1h')).toEqual(
    both([
      { subject: idSubject(9), count: 5 },
      { subject: idSubject(5), count: 3 },
      { subject: idSubject(7), count: 3 },
      { subject: idSubject(1), count: 1 },
    ]),
  );
});

test('the largest ids keep all their digits as user, post and component', async () => {
  await statistics.add([
    anEvent({ ...at, componentId: maximumId, userId: maximumId }),
    aLike(maximumId, maximumId, at),
    aLike(maximumId - 1, maximumId, at),
    aLike(maximumId, maximumId - 1, at),
  ]);
  expect(await statistics.count('CLICK', idSubject(maximumId), '1m')).toEqual(both(1));
  expect(await statistics.count('LIKE', idSubject(maximumId), '1m')).toEqual(both(2));
  expect(await statistics.count('LIKE', idSubject(maximumId - 1), '1m')).toEqual(both(1));
  const likes = 'select user_id::text, post_id::text from post_like order by post_id, user_id';
  expect(await statistics.ledger.rows(likes)).toEqual([
    { user_id: '9007199254740991', post_id: '9007199254740990' },
    { user_id: '9007199254740990', post_id: '9007199254740991' },
    { user_id: '9007199254740991', post_id: '9007199254740991' },
  ]);
});

test('likes are net of unlikes, above zero only in rankings, and of their own window', async () => {
  const before = { occurredAt: noon - 20 * 60_000 };
  await statistics.add([aLike(1, 11, before), aLike(1, 12, at), aLike(2, 12, at), aLike(1, 13, at)]);
  await statistics.add([
    anUnlike(1, 11, { occurredAt: noon + 1 }),
    anUnlike(2, 12, { occurredAt: noon + 1 }),
    anUnlike(1, 13, { occurredAt: noon + 1 }),
  ]);
  expect(await statistics.ranking('LIKE', '5m')).toEqual(ranked([12], 1));
  expect(await statistics.count('LIKE', idSubject(13), '5m')).toEqual(both(0));
  // Its like lies before the window: readers tell the plain difference, whoever answers cuts it at zero.
  expect(await statistics.count('LIKE', idSubject(11), '5m')).toEqual(both(-1));
  expect(await statistics.count('LIKE', idSubject(11), '1h')).toEqual(both(0));
  expect(await statistics.count('UNLIKE', idSubject(11), '5m')).toEqual(both(1));
});
