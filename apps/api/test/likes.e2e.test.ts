import { asAdmin, type TestProcess, until } from '@event-tracker/testing';
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import pg from 'pg';
import { expectProblem, expectStatus, get, pathsOf, post } from './requests.ts';
import { startTracker, type Tracker } from './tracker.ts';

let tracker: Tracker;
let second: TestProcess;
let database: pg.Client;
let lastPost = 1000;

beforeAll(async () => {
  tracker = await startTracker({ worker: true });
  second = await tracker.addApi();
  database = new pg.Client(tracker.databaseUrl);
  await database.connect();
});

afterAll(async () => {
  await database?.end();
  await tracker?.stop();
});

interface Like {
  postId: number;
  userId: number;
  liked: boolean;
  likeCount: number;
}

/** A post that nobody has liked yet. */
function newPost(): number {
  lastPost += 1;
  return lastPost;
}

const toggle = (userId: number, postId: number, url = tracker.url) =>
  expectStatus<Like>(post(`${url}/api/posts/like`, { userId, postId }), 200);

const set = (method: 'PUT' | 'DELETE', userId: number, postId: number) =>
  expectStatus<Like>(fetch(`${tracker.url}/api/posts/${postId}/likes/${userId}`, { method }), 200);

async function standing(postId: number): Promise<{ user_id: string; at: number }[]> {
  const { rows } = await database.query(
    'select user_id, (extract(epoch from liked_at) * 1000)::float8 as at from post_like where post_id = $1',
    [postId],
  );
  return rows;
}

async function eventsOf(postId: number) {
  await untilAtRest();
  const { rows } = await database.query<{
    event_type: string;
    session_id: string;
    component_id: string;
    at: number;
  }>(
    `select event_type, session_id, component_id, (extract(epoch from occurred_at) * 1000)::float8 as at
     from event where post_id = $1 order by occurred_at, event_id`,
    [postId],
  );
  return rows;
}

async function untilAtRest(): Promise<void> {
  await until(async () => {
    const { body } = await get(`${tracker.url}/admin/ledger`);
    return body.inFlight === 0;
  });
}

const countOf = async (eventType: string, postId: number) =>
  (await get<{ count: number }>(`${tracker.url}/api/statistics`, { eventType, postId })).body.count;

/** Statistics show what was taken within a second. */
const soon = { limitMs: 1000, everyMs: 20 };

test('a toggle likes, and the next one takes it back; each is an event of the user, and counts within a second', async () => {
  const postId = newPost();
  const began = Date.now();
  expect(await toggle(7, postId)).toEqual({ postId, userId: 7, liked: true, likeCount: 1 });
  await until(async () => (await countOf('LIKE', postId)) === 1, soon);
  const [like] = await standing(postId);
  expect(like!.at).toBeGreaterThanOrEqual(began);
  expect(like!.at).toBeLessThanOrEqual(Date.now());

  expect(await toggle(7, postId)).toEqual({ postId, userId: 7, liked: false, likeCount: 0 });
  await until(async () => (await countOf('UNLIKE', postId)) === 1, soon);
  expect(await standing(postId)).toEqual([]);
  const common = { session_id: 'user:7', component_id: '1003', at: expect.any(Number) };
  const events = await eventsOf(postId);
  expect(events).toEqual([
    { event_type: 'LIKE', ...common },
    { event_type: 'UNLIKE', ...common },
  ]);
  expect(events[0]!.at).toBe(like!.at);
});

test('PUT and DELETE that change nothing make no event and set no new stamp', async () => {
  const postId = newPost();
  expect(await set('DELETE', 1, postId)).toEqual({ postId, userId: 1, liked: false, likeCount: 0 });
  expect(await set('PUT', 1, postId)).toEqual({ postId, userId: 1, liked: true, likeCount: 1 });
  const before = await standing(postId);
  expect(await set('PUT', 1, postId)).toEqual({ postId, userId: 1, liked: true, likeCount: 1 });
  expect(await standing(postId)).toEqual(before);
  expect(await set('DELETE', 1, postId)).toEqual({ postId, userId: 1, liked: false, likeCount: 0 });
  expect(await set('DELETE', 1, postId)).toEqual({ postId, userId: 1, liked: false, likeCount: 0 });
  expect((await eventsOf(postId)).map((event) => event.event_type)).toEqual(['LIKE', 'UNLIKE']);
});

test('a hundred concurrent toggles of one like through two APIs leave it as it was', async () => {
  const postId = newPost();
  for (const liked of [false, true]) {
    if (liked) await toggle(1, postId);
    const answers = await Promise.all(
      Array.from({ length: 100 }, (_, at) => toggle(1, postId, at % 2 === 0 ? tracker.url : second.url)),
    );
    expect(answers.filter((answer) => answer.liked)).toHaveLength(50);
    for (const answer of answers) expect(answer.likeCount).toBe(answer.liked ? 1 : 0);
    expect(await standing(postId)).toHaveLength(liked ? 1 : 0);
  }
  const events = await eventsOf(postId);
  expect(events.map((event) => event.event_type)).toEqual(
    events.map((_, at) => (at % 2 === 0 ? 'LIKE' : 'UNLIKE')),
  );
  expect(events).toHaveLength(201);
  expect(new Set(events.map((event) => event.at)).size).toBe(201);
});

test('a thousand different likes of one post count a thousand', async () => {
  const postId = newPost();
  const answers = await Promise.all(
    Array.from({ length: 1000 }, (_, at) => toggle(at + 1, postId, at % 2 === 0 ? tracker.url : second.url)),
  );
  expect(answers.map((answer) => answer.likeCount).sort((a, b) => a - b)).toEqual(
    Array.from({ length: 1000 }, (_, at) => at + 1),
  );
  expect(await standing(postId)).toHaveLength(1000);
  await until(async () => (await countOf('LIKE', postId)) === 1000);
});

test('a toggle wins over a like event that is ahead of its time, and a later event over the toggle', async () => {
  const postId = newPost();
  const event = (eventType: string, at: number) => ({
    eventType,
    userId: 3,
    sessionId: 's',
    occurredAt: new Date(at).toISOString(),
    metadata: { componentId: 1003, postId },
  });
  const before = Date.now();
  // Set to the time of its receipt, or it would win over all that is done within two minutes.
  await expectStatus(post(`${tracker.url}/api/events`, event('LIKE', before + 120_000)), 202);
  await until(async () => (await standing(postId)).length === 1);
  expect(await toggle(3, postId)).toEqual({ postId, userId: 3, liked: false, likeCount: 0 });
  // Arrives after the unlike, and happened before it.
  await expectStatus(post(`${tracker.url}/api/events`, event('LIKE', before)), 202);
  await untilAtRest();
  expect(await standing(postId)).toEqual([]);
  await expectStatus(post(`${tracker.url}/api/events`, event('LIKE', before + 120_000)), 202);
  await until(async () => (await standing(postId)).length === 1);
  expect(await set('PUT', 3, postId)).toEqual({ postId, userId: 3, liked: true, likeCount: 1 });
});

test('likes by event and by route add up, and the books balance', async () => {
  const postId = newPost();
  const events = Array.from({ length: 50 }, (_, at) => ({
    eventType: at % 3 === 0 ? 'UNLIKE' : 'LIKE',
    userId: 1 + (at % 10),
    sessionId: 's',
    metadata: { componentId: 1003, postId },
  }));
  await Promise.all([
    ...events.map((event) => expectStatus(post(`${second.url}/api/events`, event), 202)),
    ...events.map(({ userId }) => toggle(userId, postId)),
    ...events.map(({ userId }) => set('PUT', userId, postId)),
  ]);
  await untilAtRest();
  const [likes, unlikes, left] = await Promise.all([
    database.query(
      "select coalesce(sum(count), 0)::int as n from statistic where event_type = 'LIKE' and post_id = $1",
      [postId],
    ),
    database.query(
      "select coalesce(sum(count), 0)::int as n from statistic where event_type = 'UNLIKE' and post_id = $1",
      [postId],
    ),
    standing(postId),
  ]);
  expect(likes.rows[0].n - unlikes.rows[0].n).toBe(left.length);
  const { rows } = await database.query('select likes from like_count where post_id = $1', [postId]);
  expect(Number(rows[0]?.likes ?? 0)).toBe(left.length);
  const { body } = await get(`${tracker.url}/admin/ledger`);
  expect(body).toMatchObject({ inFlight: 0, missing: 0, balanced: true, dead: 0 });
});

test('every fault of a toggle is told', async () => {
  const url = `${tracker.url}/api/posts/like`;
  const bad = await expectProblem(post(url, { userId: '7', post: 1 }), 400);
  expect(pathsOf(bad)).toEqual(['post', 'postId', 'userId']);
  for (const body of [
    { userId: 0, postId: 1 },
    { userId: 1, postId: 2 ** 53 },
    { userId: 1, postId: null },
  ])
    expect((await expectProblem(post(url, body), 400)).errors).toHaveLength(1);
  await expectProblem(post(url, '{'), 400);
  await expectProblem(post(url, []), 400);
  await expectProblem(post(url, '{}', { 'content-type': 'text/html' }), 415);
  const get = await fetch(url);
  expect(get.headers.get('allow')).toBe('POST');
  await expectProblem(get, 405);
});

test('every fault in the path of a like is told', async () => {
  const problem = await expectProblem(fetch(`${tracker.url}/api/posts/0/likes/x`, { method: 'PUT' }), 400);
  expect(pathsOf(problem)).toEqual(['postId', 'userId']);
  await expectProblem(fetch(`${tracker.url}/api/posts/1/likes/2?limit=1`, { method: 'DELETE' }), 400);
  const get = await fetch(`${tracker.url}/api/posts/1/likes/2`);
  expect(get.headers.get('allow')).toBe('PUT, DELETE');
  await expectProblem(get, 405);
});

test('a like that cannot be stored keeps its effect among the dead letters, and its replay counts it', async () => {
  const postId = newPost();
  await database.query('alter table event add constraint no_66666 check (user_id <> 66666)');
  await toggle(66666, postId);
  await until(async () => {
    const { body } = await get<{ deadLetters: unknown[] }>(`${tracker.url}/admin/dead-letters`);
    return body.deadLetters.length === 1;
  });
  expect(await countOf('LIKE', postId)).toBe(0);
  expect(await standing(postId)).toHaveLength(1);

  await database.query('alter table event drop constraint no_66666');
  const replay = { filter: { reason: 'no_66666' } };
  for (const replayed of [1, 0])
    expect(
      await expectStatus(post(`${tracker.url}/admin/dead-letters/replay`, replay, asAdmin), 200),
    ).toMatchObject({
      replayed,
    });
  await until(async () => (await countOf('LIKE', postId)) === 1);
  await untilAtRest();
  expect(await standing(postId)).toHaveLength(1);
  expect(await eventsOf(postId)).toHaveLength(1);
  expect((await get(`${tracker.url}/admin/ledger`)).body).toMatchObject({
    missing: 0,
    balanced: true,
    dead: 1,
  });
});
