import { afterAll, beforeAll, expect, test } from '@jest/globals';
import pg from 'pg';
import { expectStatus, get, post, soon } from './requests.ts';
import { startTracker, type Tracker } from './tracker.ts';

let tracker: Tracker;
let database: pg.Client;

beforeAll(async () => {
  tracker = await startTracker({ worker: true });
  database = new pg.Client(tracker.databaseUrl);
  await database.connect();
});

afterAll(async () => {
  await database?.end();
  await tracker?.stop();
});

interface Post {
  postId: number;
  likeCount: number;
}

test('a search finds posts by a hashtag in any spelling, most liked first, then newer', async () => {
  const made: number[] = [];
  for (const hashtags of [['Big  CAT'], ['dog'], ['big cat', 'dog'], ['big cat']])
    made.push(
      (await expectStatus<Post>(post(`${tracker.url}/api/posts`, { userId: 1, content: 'x', hashtags }), 201))
        .postId,
    );
  for (const userId of [1, 2])
    await expectStatus(fetch(`${tracker.url}/api/posts/${made[2]}/likes/${userId}`, { method: 'PUT' }), 200);
  const response = await fetch(
    `${tracker.url}/api/search?userId=7&keyword=${encodeURIComponent(' bIg Cat ')}`,
  );
  const found = await expectStatus<Post[]>(response, 200);
  expect(found.map(({ postId, likeCount }) => [postId, likeCount])).toEqual([
    [made[2], 2],
    [made[3], 0],
    [made[0], 0],
  ]);
  expect(response.headers.get('x-served-by')).toBe('postgres');
});

test('it is an event of the user, a recent keyword, and counts', async () => {
  await soon(async () => {
    const { rows } = await database.query(
      'select event_type, user_id, session_id, component_id, keyword from event',
    );
    expect(rows.filter((row) => row.event_type === 'SEARCH')).toEqual([
      { event_type: 'SEARCH', user_id: '7', session_id: 'user:7', component_id: '1001', keyword: 'big cat' },
    ]);
    expect((await get(`${tracker.url}/api/search/recent/7`)).body).toEqual({ keyword: ['big cat'] });
    const query = { eventType: 'SEARCH', keyword: 'big cat' };
    expect((await get(`${tracker.url}/api/statistics`, query)).body).toEqual({ count: 1 });
  });
});
