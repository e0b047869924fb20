import { until } from '@event-tracker/testing';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { expectStatus, get, post, soon } from './requests.ts';
import { startTracker, type Tracker } from './tracker.ts';

const minute = 60_000;
const maximumId = Number.MAX_SAFE_INTEGER;

const like = (userId: number, postId: number, ago = 0) =>
  event('LIKE', { componentId: 1003, postId }, ago, userId);
const unlike = (userId: number, postId: number, ago = 0) =>
  event('UNLIKE', { componentId: 1003, postId }, ago, userId);
const seen = (eventType: string, componentId: number, times: number, ago = 0) =>
  Array.from({ length: times }, () => event(eventType, { componentId }, ago));

/** `ago`: milliseconds. */
function event(eventType: string, metadata: object, ago: number, userId = 1) {
  const occurredAt = new Date(Date.now() - ago).toISOString();
  return { eventType, userId, sessionId: 's', occurredAt, metadata };
}

const events = [
  // Three of one post, one taken back.
  ...[1, 2, 3].map((userId) => like(userId, 20, 1000)),
  unlike(3, 20),
  // One each.
  ...[9, 10, 100, maximumId].map((postId) => like(1, postId)),
  // As many taken back as given.
  like(1, 30, 1000),
  unlike(1, 30),
  // Given hours ago, taken back now.
  like(1, 40, 300 * minute),
  unlike(1, 40),
  ...[1, 2, 3, 4].map((userId) => like(userId, 50, 200 * minute)),
  ...[1, 2, 3, 4, 5].map((userId) => like(userId, 60, 20 * 60 * minute)),
  ...[1, 2, 3, 4, 5, 6].map((userId) => like(userId, 70, 20 * 24 * 60 * minute)),
  ...[1002, 9, maximumId, 10, 100].flatMap((componentId) => seen('CLICK', componentId, 2)),
  ...seen('CLICK', 7, 3),
  ...seen('CLICK', 8, 9, 3 * 24 * 60 * minute),
  ...seen('PAGE_VIEW', 1000, 4),
];

let tracker: Tracker;

beforeAll(async () => {
  tracker = await startTracker({ worker: true });
  await expectStatus(post(`${tracker.url}/api/events/batch`, events), 202);
  await until(async () => (await get(`${tracker.url}/admin/ledger`)).body.stored === events.length);
});

afterAll(() => tracker.stop());

async function expectTop(path: string, query: Record<string, string | number>, body: object, from: string) {
  await soon(async () =>
    expect(await get(`${tracker.url}/api/statistics/${path}/top`, query)).toEqual({ body, servedBy: from }),
  );
}

describe('posts', () => {
  const posts = (...ranked: [postId: number, count: number][]) =>
    ranked.map(([postId, count]) => ({ postId, count }));
  const lastHour = posts([20, 2], [maximumId, 1], [100, 1], [10, 1], [9, 1]);

  test.each([
    ['1h', 'redis', lastHour],
    ['6h', 'redis', [...posts([50, 4]), ...lastHour]],
    ['24h', 'redis', [...posts([60, 5], [50, 4]), ...lastHour]],
    ['all', 'postgres', [...posts([70, 6], [60, 5], [50, 4]), ...lastHour]],
  ])('over %s stand by likes less unlikes above zero, ties by higher id, from %s', async (...line) => {
    const [window, source, ranked] = line;
    await expectTop('posts', { window, limit: 100 }, { window, posts: ranked }, source);
    await expectTop('posts', { window, limit: 2 }, { window, posts: ranked.slice(0, 2) }, source);
    await expectTop('posts', { window }, { window, posts: ranked.slice(0, 10) }, source);
  });

  test('the window is an hour unless it is said', async () => {
    await expectTop('posts', {}, { window: '1h', posts: lastHour }, 'redis');
  });
});

describe('components', () => {
  const components = (...ranked: [componentId: number, count: number][]) =>
    ranked.map(([componentId, count]) => ({ componentId, count }));
  const lastHour = components([7, 3], [9, 2], [10, 2], [100, 2], [1002, 2], [maximumId, 2]);

  test.each([
    ['1h', 'redis', lastHour],
    ['24h', 'redis', lastHour],
    ['all', 'postgres', [...components([8, 9]), ...lastHour]],
  ])('over %s stand by clicks, ties by lower id, from %s', async (window, source, ranked) => {
    const query = { eventType: 'CLICK', window };
    await expectTop('components', query, { window, components: ranked }, source);
    const first = { window, components: ranked.slice(0, 3) };
    await expectTop('components', { ...query, limit: 3 }, first, source);
  });

  test('are ranked by page views, too', async () => {
    const body = { window: '1h', components: components([1000, 4]) };
    await expectTop('components', { eventType: 'page_view' }, body, 'redis');
  });

  test('are ranked by clicks unless it is said', async () => {
    await expectTop('components', {}, { window: '1h', components: lastHour }, 'redis');
  });
});
