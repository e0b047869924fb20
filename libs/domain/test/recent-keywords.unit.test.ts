import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { recentKeywordLifeMs, recentKeywordLimit, recentKeywords, type TrackedEvent } from '../src/index.ts';

const now = Date.parse('2026-11-22T10:34:56.789Z');

function search(change: Partial<TrackedEvent> = {}): TrackedEvent {
  return {
    eventId: '0198c0de-0000-7000-8000-000000000001',
    clientId: false,
    eventType: 'SEARCH',
    userId: 42,
    sessionId: 's-1',
    componentId: 1001,
    keyword: 'cat',
    occurredAt: now,
    receivedAt: now,
    ...change,
  };
}

test('ten are answered, and forgotten after an hour', () => {
  expect({ recentKeywordLimit, recentKeywordLifeMs }).toEqual({
    recentKeywordLimit: 10,
    recentKeywordLifeMs: 3_600_000,
  });
});

test('a search is a recent keyword of its user', () => {
  expect(recentKeywords([search()], now)).toStrictEqual([{ userId: 42, keyword: 'cat', occurredAt: now }]);
});

test('a search by nobody in particular is nobody’s', () => {
  const { userId: _, ...nobodys } = search();
  expect(recentKeywords([nobodys], now)).toEqual([]);
});

test.each(['CLICK', 'PAGE_VIEW', 'LIKE', 'UNLIKE'] as const)('a %s with a keyword is none', (eventType) => {
  expect(recentKeywords([search({ eventType, postId: 7 })], now)).toEqual([]);
});

describe('a search is forgotten an hour after it occurred', () => {
  test.each([
    { name: 'an hour ago is forgotten', occurredAt: now - 3_600_000, kept: false },
    { name: '1 ms less than an hour ago is kept', occurredAt: now - 3_599_999, kept: true },
    { name: 'ahead is kept', occurredAt: now + 300_000, kept: true },
    { name: 'days ago is forgotten', occurredAt: now - 86_400_000, kept: false },
  ])('$name', ({ occurredAt, kept }) => {
    expect(recentKeywords([search({ occurredAt })], now)).toHaveLength(kept ? 1 : 0);
  });

  test('not after it was received', () => {
    const late = search({ occurredAt: now - 7_200_000, receivedAt: now });
    expect(recentKeywords([late], now)).toEqual([]);
  });
});

test('each user has the latest search of each keyword, whatever the order of arrival', () => {
  const searches = fc.array(
    fc.record({
      userId: fc.constantFrom(1, 12, 2),
      keyword: fc.constantFrom('cat', '2 cat', 'cat 1', '고양이'),
      occurredAt: fc.integer({ min: -60, max: 5 }).map((minutes) => now + minutes * 60_000),
    }),
  );
  const keyOf = ({ userId, keyword }: { userId: number; keyword: string }) =>
    JSON.stringify([userId, keyword]);
  fc.assert(
    fc.property(searches, (changes) => {
      const expected = new Map<string, number>();
      for (const change of changes) {
        if (change.occurredAt <= now - 3_600_000) continue;
        const latest = Math.max(expected.get(keyOf(change)) ?? 0, change.occurredAt);
        expected.set(keyOf(change), latest);
      }
      const recent = recentKeywords(changes.map(search), now);
      expect(recent).toHaveLength(expected.size);
      expect(new Map(recent.map((keyword) => [keyOf(keyword), keyword.occurredAt]))).toEqual(expected);
    }),
  );
});
