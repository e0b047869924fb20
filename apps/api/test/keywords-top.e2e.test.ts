import { until } from '@event-tracker/testing';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { expectStatus, get, post, soon } from './requests.ts';
import { startTracker, type Tracker } from './tracker.ts';

interface Ranking {
  window: string;
  keywords: { keyword: string; count: number }[];
}

const minute = 60_000;

// UTF-16 would put the emoji, a pair of surrogates, before the ligature.
const tied = ['10', '9', 'a', 'z', 'é', '가', 'ﬀ', '🐈'];

const searches = [
  ...repeat('most', 4),
  ...repeat('second', 2),
  ...repeat('  SeCond ', 1, 30 * minute),
  ...tied.toReversed().flatMap((keyword) => repeat(keyword, 2)),
  ...repeat('old', 6, 3 * 60 * minute),
  ...repeat('older', 7, 20 * 60 * minute),
  ...repeat('oldest', 8, 3 * 24 * 60 * minute),
];

function repeat(keyword: string, times: number, ago = 0) {
  const occurredAt = new Date(Date.now() - ago).toISOString();
  const search = {
    eventType: 'SEARCH',
    sessionId: 's',
    occurredAt,
    metadata: { componentId: 1001, keyword },
  };
  return Array.from({ length: times }, () => search);
}

let tracker: Tracker;

beforeAll(async () => {
  tracker = await startTracker({ worker: true });
  await expectStatus(post(`${tracker.url}/api/events/batch`, searches), 202);
  await until(async () => (await get(`${tracker.url}/admin/ledger`)).body.stored === searches.length);
});

afterAll(() => tracker.stop());

const top = async (query: Record<string, string | number>) =>
  (await get<Ranking>(`${tracker.url}/api/statistics/keywords/top`, query)).body;

const recent = [
  { keyword: 'most', count: 4 },
  { keyword: 'second', count: 3 },
  ...tied.map((keyword) => ({ keyword, count: 2 })),
];

describe.each([
  ['1h', 'redis', []],
  ['6h', 'redis', [['old', 6]]],
  [
    '24h',
    'redis',
    [
      ['older', 7],
      ['old', 6],
    ],
  ],
  [
    'all',
    'postgres',
    [
      ['oldest', 8],
      ['older', 7],
      ['old', 6],
    ],
  ],
] as const)('over %s, from %s', (window, source, before) => {
  const ranked = [...before.map(([keyword, count]) => ({ keyword, count })), ...recent];

  test('the most searched come first, ties in code point order', async () => {
    const url = `${tracker.url}/api/statistics/keywords/top`;
    await soon(async () =>
      expect(await get<Ranking>(url, { window, limit: 100 })).toEqual({
        body: { window, keywords: ranked },
        servedBy: source,
      }),
    );
  });

  test('five are answered unless it is said', async () => {
    expect((await top({ window })).keywords).toEqual(ranked.slice(0, 5));
  });

  test('as many as were asked for are answered', async () => {
    for (const limit of [1, 3, 8])
      expect((await top({ window, limit })).keywords).toEqual(ranked.slice(0, limit));
  });
});

test('spellings of one keyword are one', async () => {
  const spellings = ['Cafe\u0301 Noir', 'CAFÉ   NOIR', '\u00a0café noir\n'];
  const events = spellings.flatMap((keyword) => repeat(keyword, 3));
  await expectStatus(post(`${tracker.url}/api/events/batch`, events), 202);
  await until(async () => (await top({ limit: 1 })).keywords[0]?.count === 9);
  expect((await top({ limit: 1 })).keywords).toEqual([{ keyword: 'café noir', count: 9 }]);
});
