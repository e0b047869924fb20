import { until } from '@event-tracker/testing';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { expectStatus, get, post, soon } from './requests.ts';
import { startTracker, type Tracker } from './tracker.ts';

type Query = Record<string, string | number>;

const events = [
  event('CLICK', { componentId: 1, postId: 7 }),
  event('CLICK', { componentId: 1, postId: 8, keyword: 'Sale' }),
  event('CLICK', { componentId: 1 }),
  event('CLICK', { componentId: 2, postId: 7 }),
  event('PAGE_VIEW', { componentId: 1 }),
  event('SEARCH', { componentId: 1001, keyword: 'Cafe\u0301  au Lait' }),
  event('SEARCH', { componentId: 1001, keyword: ' caf\u00e9 AU lait' }),
  event('SEARCH', { componentId: 1004, keyword: 'caf\u00e9 au lait', postId: 7 }),
  // Post 70: two likes stand, a third was taken back, and a repeat changed nothing.
  event('LIKE', { componentId: 1003, postId: 70 }, { userId: 1, at: -50 }),
  event('LIKE', { componentId: 1003, postId: 70 }, { userId: 1, at: -40 }),
  event('LIKE', { componentId: 1003, postId: 70 }, { userId: 2, at: -30 }),
  event('LIKE', { componentId: 1005, postId: 70 }, { userId: 3, at: -20 }),
  event('UNLIKE', { componentId: 1005, postId: 70 }, { userId: 3, at: -10 }),
  // Post 71: liked long before it was unliked.
  event('LIKE', { componentId: 1003, postId: 71 }, { userId: 1, at: -7200 }),
  event('UNLIKE', { componentId: 1003, postId: 71 }, { userId: 1, at: -10 }),
  // Post 72: nothing stood that could be taken back.
  event('UNLIKE', { componentId: 1003, postId: 72 }, { userId: 1, at: -10 }),
];

/** `at`: seconds from now. */
function event(
  eventType: string,
  metadata: Query,
  { userId = 1, at = 0 }: { userId?: number; at?: number } = {},
) {
  const occurredAt = new Date(Date.now() + at * 1000).toISOString();
  return { eventType, userId, sessionId: 's', occurredAt, metadata };
}

let tracker: Tracker;

beforeAll(async () => {
  tracker = await startTracker({ worker: true });
  await expectStatus(post(`${tracker.url}/api/events/batch`, events), 202);
  await until(async () => (await get(`${tracker.url}/admin/ledger`)).body.stored === events.length);
});

afterAll(() => tracker.stop());

async function expectCount(query: Query, count: number, servedBy: 'redis' | 'postgres') {
  await soon(async () =>
    expect(await get(`${tracker.url}/api/statistics`, query)).toEqual({ body: { count }, servedBy }),
  );
}

describe('by the filter that the views are kept by', () => {
  test.each<[Query, number]>([
    [{ eventType: 'CLICK', componentId: 1 }, 3],
    [{ eventType: 'CLICK', componentId: 2 }, 1],
    [{ eventType: 'CLICK', componentId: 3 }, 0],
    [{ eventType: 'PAGE_VIEW', componentId: 1 }, 1],
    [{ eventType: 'SEARCH', keyword: 'caf\u00e9 au lait' }, 3],
    [{ eventType: 'SEARCH', keyword: 'cafe au lait' }, 0],
    [{ eventType: 'LIKE', postId: 70 }, 2],
    [{ eventType: 'UNLIKE', postId: 70 }, 1],
    [{ eventType: 'LIKE', postId: 9_007_199_254_740_991 }, 0],
  ])('%j counts %d, from Redis', async (query, count) => {
    await expectCount(query, count, 'redis');
  });

  test('a keyword is normalised as that of an event', async () => {
    await expectCount({ eventType: 'SEARCH', keyword: ' CAFE\u0301\tau   LAIT ' }, 3, 'redis');
  });
});

describe('by several filters, all of which apply', () => {
  test.each<[Query, number]>([
    [{ eventType: 'CLICK', componentId: 1, postId: 7 }, 1],
    [{ eventType: 'CLICK', componentId: 1, postId: 8, keyword: 'SALE' }, 1],
    [{ eventType: 'CLICK', componentId: 2, keyword: 'sale' }, 0],
    [{ eventType: 'SEARCH', keyword: 'caf\u00e9 au lait', componentId: 1001 }, 2],
    [{ eventType: 'SEARCH', keyword: 'Cafe\u0301 au lait', componentId: 1004, postId: 7 }, 1],
    [{ eventType: 'LIKE', postId: 70, componentId: 1003 }, 2],
    [{ eventType: 'LIKE', postId: 70, componentId: 1005 }, 0],
    [{ eventType: 'UNLIKE', postId: 70, componentId: 1005 }, 1],
    [{ eventType: 'UNLIKE', postId: 70, componentId: 1003 }, 0],
  ])('%j counts %d, from PostgreSQL', async (query, count) => {
    await expectCount(query, count, 'postgres');
    await expectCount({ ...query, window: 'all' }, count, 'postgres');
  });
});

describe('likes less unlikes', () => {
  test('never fall below zero when the likes lie before the window', async () => {
    await expectCount({ eventType: 'LIKE', postId: 71, window: '1h' }, 0, 'redis');
    await expectCount({ eventType: 'LIKE', postId: 71, componentId: 1003, window: '1h' }, 0, 'postgres');
    await expectCount({ eventType: 'UNLIKE', postId: 71, window: '1h' }, 1, 'redis');
  });

  test('are nothing once all were taken back', async () => {
    await expectCount({ eventType: 'LIKE', postId: 71, window: '6h' }, 0, 'redis');
    await expectCount({ eventType: 'LIKE', postId: 71, window: 'all' }, 0, 'postgres');
    await expectCount({ eventType: 'UNLIKE', postId: 71, window: 'all' }, 1, 'postgres');
  });

  test('an unlike of what nobody liked counts nowhere', async () => {
    await expectCount({ eventType: 'UNLIKE', postId: 72 }, 0, 'redis');
    await expectCount({ eventType: 'LIKE', postId: 72 }, 0, 'redis');
    await expectCount({ eventType: 'UNLIKE', postId: 72, window: 'all' }, 0, 'postgres');
  });
});
