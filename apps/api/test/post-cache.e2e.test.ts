import { poll, startTestPostgres, type TestProcess, type TestStore, until } from '@event-tracker/testing';
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { Redis } from 'ioredis';
import pg from 'pg';
import { expectProblem, expectStatus, post } from './requests.ts';
import { startTracker, type Tracker } from './tracker.ts';

let postgres: TestStore;
let tracker: Tracker | undefined;
let apis: TestProcess[];
let database: pg.Client;
let redis: Redis;

/** What a busy machine adds to any limit. */
const slackMs = 2500;
const lockWaitMs = 1000;
const redisTimeoutMs = 500;

beforeAll(async () => {
  postgres = await startTestPostgres({ shared_preload_libraries: 'pg_stat_statements' });
  database = new pg.Client(postgres.url);
  database.on('error', () => {});
  await database.connect();
  await database.query('create extension pg_stat_statements');
  tracker = await startTracker({ databaseUrl: postgres.url });
  apis = [tracker.api, await tracker.addApi(), await tracker.addApi()];
  redis = new Redis<'legacy'>(tracker.redis.url);
  redis.on('error', () => {});
  for (let made = 0; made < 30; made += 1)
    await expectStatus(
      post(`${tracker.url}/api/posts`, {
        userId: 1,
        content: `post ${made}`,
        hashtags: ['cold', 'hot', 'held', 'spoilt', 'hung', 'away'],
      }),
      201,
    );
}, 180_000);

afterAll(async () => {
  redis?.disconnect();
  await database?.end().catch(() => {});
  await tracker?.stop();
  await postgres?.stop();
});

interface Answer {
  posts: { postId: number }[];
  servedBy: string | null;
  tookMs: number;
}

async function search(url: string, keyword: string, limit = 10): Promise<Answer> {
  const began = performance.now();
  const response = await fetch(`${url}/api/search?userId=1&keyword=${keyword}&limit=${limit}`);
  const posts = await expectStatus<{ postId: number }[]>(response, 200);
  return { posts, servedBy: response.headers.get('x-served-by'), tookMs: performance.now() - began };
}

/** Readers at once, through all three. */
const searchAtOnce = (readers: number, keyword: string) =>
  Promise.all(Array.from({ length: readers }, (_, at) => search(apis[at % apis.length]!.url, keyword)));

/** How often PostgreSQL was searched since the last time. */
async function searches(): Promise<number> {
  const { rows } = await database.query<{ calls: number }>(
    `select coalesce(sum(calls), 0)::int as calls from pg_stat_statements
     where query like '%candidate%' and query like '%post_hashtag%' and query not like '%pg_stat_statements%'`,
  );
  await database.query('select pg_stat_statements_reset()');
  return rows[0]!.calls;
}

test('500 concurrent readers of a cold key through three APIs cause one query', async () => {
  await searches();
  const answers = await searchAtOnce(500, 'cold');
  expect(new Set(answers.map(({ posts }) => JSON.stringify(posts))).size).toBe(1);
  expect(answers[0]!.posts).toHaveLength(10);
  expect(answers.some(({ servedBy }) => servedBy === 'cache')).toBe(true);
  expect(await searches()).toBe(1);
  expect(await search(apis[1]!.url, 'cold', 3)).toMatchObject({
    posts: answers[0]!.posts.slice(0, 3),
    servedBy: 'cache',
  });
  expect(await searches()).toBe(0);
});

test('nothing is cached, too', async () => {
  expect(await search(apis[0]!.url, 'nothing')).toMatchObject({ posts: [], servedBy: 'postgres' });
  expect(await search(apis[1]!.url, 'nothing')).toMatchObject({ posts: [], servedBy: 'cache' });
  const [left] = await Promise.all([redis.pttl('cache:{search}:1:10:nothing')]);
  expect(left).toBeGreaterThan(0);
  expect(left).toBeLessThanOrEqual(5000);
  expect(await redis.pttl('cache:{search}:1:10:cold')).toBeLessThanOrEqual(70_000);
});

test('a hot key that ends again and again causes one query each time', async () => {
  const lifeMs = 2000;
  const env = { CACHE_TTL_MS: `${lifeMs}`, CACHE_JITTER_MS: '0' };
  const hot = [await tracker!.addApi(env), await tracker!.addApi(env)];
  await searches();
  const began = performance.now();
  let reads = 0;
  const reader = async (url: string) => {
    while (performance.now() - began < 3 * lifeMs) {
      expect((await search(url, 'hot')).posts).toHaveLength(10);
      reads += 1;
    }
  };
  await Promise.all(hot.flatMap(({ url }) => Array.from({ length: 10 }, () => reader(url))));
  const queries = await searches();
  // Refreshed by one reader, by chance some of its life before its end: never by all of them.
  const lives = (performance.now() - began) / lifeMs;
  expect(reads).toBeGreaterThan(20 * lives);
  expect(queries).toBeGreaterThanOrEqual(2);
  expect(queries).toBeLessThanOrEqual(4 * lives);
  await Promise.all(hot.map((api) => api.stop()));
});

test('a reader who dies over its query keeps the others waiting within the limit', async () => {
  const holder = await tracker!.addApi({ CACHE_LOCK_TTL_MS: '30000' });
  await database.query('begin; lock table post_hashtag in access exclusive mode');
  search(holder.url, 'held').catch(() => {});
  await until(async () => (await redis.keys('cache:{search}:lock:*')).length === 1);
  holder.signal('SIGKILL');
  await holder.ended;
  await database.query('rollback');
  const answers = await searchAtOnce(60, 'held');
  expect(await redis.keys('cache:{search}:lock:*')).toHaveLength(1);
  for (const { posts, tookMs } of answers) {
    expect(posts).toHaveLength(10);
    expect(tookMs).toBeLessThan(lockWaitMs + slackMs);
  }
});

test('a value of no known form is a miss', async () => {
  await search(apis[0]!.url, 'spoilt');
  const key = 'cache:{search}:1:10:spoilt';
  // A reader does not wait for what it found to be in the cache.
  const stored = (instead?: string) =>
    poll(async () => {
      const text = await redis.get(key);
      return text === null || text === instead ? undefined : text;
    });
  const good = JSON.parse(await stored());
  for (const bad of [
    '{',
    '{}',
    JSON.stringify({ ...good, version: 2 }),
    JSON.stringify({ ...good, value: [{}] }),
  ]) {
    await redis.set(key, bad);
    const answer = await search(apis[1]!.url, 'spoilt');
    expect(answer).toMatchObject({ servedBy: 'postgres' });
    expect(answer.posts).toHaveLength(10);
    await stored(bad);
  }
});

test('while Redis hangs or is away every reader is answered by PostgreSQL', async () => {
  tracker!.redis.pause();
  for (const { posts, servedBy, tookMs } of await searchAtOnce(60, 'hung')) {
    expect(posts).toHaveLength(10);
    expect(servedBy).toBe('postgres');
    expect(tookMs).toBeLessThan(2 * redisTimeoutMs + slackMs);
  }
  tracker!.redis.resume();
  await tracker!.redis.kill();
  for (const { posts, servedBy, tookMs } of await searchAtOnce(60, 'away')) {
    expect(posts).toHaveLength(10);
    expect(servedBy).toBe('postgres');
    expect(tookMs).toBeLessThan(2 * redisTimeoutMs + slackMs);
  }
  await tracker!.redis.start();
  for (const { url } of apis) await until(async () => (await search(url, 'away')).servedBy === 'cache');
});

test('while PostgreSQL is away what is cached is answered, and the rest is unavailable', async () => {
  const popular = `${apis[0]!.url}/api/posts/popular?window=all`;
  await expectStatus(fetch(`${apis[0]!.url}/api/posts/1/likes/1`, { method: 'PUT' }), 200);
  const before = await expectStatus<{ posts: object[] }>(fetch(popular), 200);
  expect(before.posts).toMatchObject([{ postId: 1, windowLikes: 1, likeCount: 1 }]);
  await until(async () => (await fetch(popular)).headers.get('x-served-by') === 'cache');
  await postgres.kill();
  const during = await fetch(`${apis[1]!.url}/api/posts/popular?window=all&limit=5`);
  expect(during.headers.get('x-served-by')).toBe('cache');
  expect(await expectStatus(during, 200)).toEqual(before);
  const refused = await fetch(`${apis[1]!.url}/api/search?userId=1&keyword=other`);
  expect(Number(refused.headers.get('retry-after'))).toBeGreaterThanOrEqual(1);
  await expectProblem(refused, 503);
  for (const path of ['posts/1', 'posts/popular?window=7d'])
    await expectProblem(fetch(`${apis[2]!.url}/api/${path}`), 503);
  await expectProblem(post(`${apis[2]!.url}/api/posts`, { userId: 1, content: 'x' }), 503);
  await postgres.start();
});
