import { rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { startTestRedis, startTestViewsRedis, until } from '@event-tracker/testing';
import { afterAll, afterEach, beforeAll, beforeEach, expect, test } from '@jest/globals';
import { Redis } from 'ioredis';
import { startRedis } from '../src/index.ts';
import { createCheckout } from './support/checkout.ts';
import { type NpmStart, npmStart, processIds, untilGone } from './support/npm-start.ts';
import { npmRun } from './support/run-command.ts';

let checkout: ReturnType<typeof createCheckout>;
let starts: NpmStart[];
let connections: Redis[];

beforeAll(() => {
  checkout = createCheckout();
});
beforeEach(() => {
  [starts, connections] = [[], []];
});
afterEach(async () => {
  for (const redis of connections) redis.disconnect();
  for (const start of starts) await start.stop();
});
afterAll(() => checkout.remove());

function start(env?: Record<string, string>): NpmStart {
  const started = npmStart(checkout.path, env);
  starts.push(started);
  return started;
}

function connect(url: string): Redis {
  const redis = new Redis(url).on('error', () => {});
  connections.push(redis);
  return redis;
}

const setting = async (url: string, name: string) =>
  ((await connect(url).config('GET', name)) as string[])[1];

async function sendClick(apiUrl: string): Promise<void> {
  const answer = await fetch(`${apiUrl}/api/events`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ eventType: 'CLICK', sessionId: 's', metadata: { componentId: 1002 } }),
  });
  expect(answer.status).toBe(202);
}

async function clicks(apiUrl: string) {
  const answer = await fetch(`${apiUrl}/api/statistics?eventType=CLICK&componentId=1002`);
  return [((await answer.json()) as { count: number }).count, answer.headers.get('x-served-by')];
}

const untilShown = (apiUrl: string, count: number) =>
  until(async () => String(await clicks(apiUrl)) === `${count},redis`, {
    what: `${count} clicks from Redis`,
  });

test('npm start has one Redis for the fast lane, on disk, and one for views and caches, that keeps nothing', async () => {
  const { apiUrl, redisUrl, viewsRedisUrl } = await start().untilReady();
  expect([await setting(redisUrl, 'appendonly'), await setting(redisUrl, 'appendfsync')]).toEqual([
    'yes',
    'always',
  ]);
  expect([await setting(viewsRedisUrl, 'appendonly'), await setting(viewsRedisUrl, 'save')]).toEqual([
    'no',
    '',
  ]);
  await sendClick(apiUrl);
  await untilShown(apiUrl, 1);
  const { dependencies } = (await (await fetch(`${apiUrl}/readyz`)).json()) as { dependencies: object };
  expect(dependencies).toEqual({ redis: 'up', viewsRedis: 'up', postgres: 'up' });
  expect(await connect(redisUrl).keys('view:*')).toEqual([]);
  expect((await connect(viewsRedisUrl).keys('*')).filter((key) => !/^(view|cache):/.test(key))).toEqual([]);

  const { code, said } = await npmRun(checkout.path, ['rebuild']);
  expect([code, said]).toEqual([0, expect.stringContaining('Made the views anew')]);
  expect(await connect(redisUrl).keys('view:*')).toEqual([]);
});

test('the data of a release with one Redis goes on: the lane stays, views are made anew, what they left is deleted', async () => {
  const first = start();
  const { apiUrl, pid } = await first.untilReady();
  const pids = processIds(checkout.path);
  process.kill(pids.worker, 'SIGSTOP');
  await sendClick(apiUrl);
  process.kill(pid, 'SIGKILL');
  process.kill(pids.worker, 'SIGKILL');
  await first.ended;
  await untilGone(pids);
  // As that release leaves it: all in one.
  rmSync(join(checkout.path, '.data', 'redis-views'), { recursive: true });
  const former = await startRedis({ dataDir: join(checkout.path, '.data', 'redis') });
  const before = connect(former.url);
  for (let user = 0; user < 300; user += 1)
    await before.zadd(`view:{keyword}:recent:${user}`, Date.now(), 'cat');
  await before.set('view:{component}:complete', 'a run');
  await before.set('cache:{popular}:1:24h', '{}');
  before.disconnect();
  await former.stop();

  const { apiUrl: again, redisUrl } = await start().untilReady();
  await untilShown(again, 2);
  const lane = connect(redisUrl);
  await until(async () => (await lane.keys('*')).every((key) => key.startsWith('{lane}:')), {
    what: 'nothing but the lane',
    limitMs: 60_000,
  });
});

test('with VIEWS_REDIS_URL alone the lane has its own all the same', async () => {
  const views = await startTestViewsRedis();
  try {
    const system = start({ VIEWS_REDIS_URL: views.url });
    const running = await system.untilReady();
    expect(running).toMatchObject({ viewsRedisUrl: views.url });
    expect(await setting(running.redisUrl, 'appendonly')).toBe('yes');
    expect(system.output()).not.toContain('Redis (views)');
    await untilShown(running.apiUrl, 2);
    expect(await connect(views.url).exists('view:{component}:lease')).toBe(1);
    await system.stop();
  } finally {
    await views.stop();
  }
});

test('commands find the one Redis of an npm start of the release before', async () => {
  const redis = await startTestRedis();
  try {
    const system = start({ REDIS_URL: redis.url });
    const { viewsRedisUrl, ...older } = await system.untilReady();
    expect([viewsRedisUrl, older.redisUrl]).toEqual([redis.url, redis.url]);
    writeFileSync(join(checkout.path, '.data', 'running.json'), JSON.stringify(older));
    const { code, said } = await npmRun(checkout.path, ['rebuild']);
    expect([code, said]).toEqual([0, expect.stringContaining('Made the views anew')]);
    expect(await connect(redis.url).exists('view:{component}:complete')).toBe(1);
    await system.stop();
  } finally {
    await redis.stop();
  }
});
