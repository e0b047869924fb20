import { connectRedis, createViewReader } from '@event-tracker/storage';
import {
  createTestDatabase,
  startTestRedis,
  startTestViewsRedis,
  type TestStore,
  until,
  untilReady,
} from '@event-tracker/testing';
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { openTestSystem, type TestSystem } from './support/test-system.ts';

const closers: (() => unknown)[] = [];
let system: TestSystem;
let viewsStore: TestStore;

beforeAll(async () => {
  const [database, lane, views] = await Promise.all([
    createTestDatabase(),
    startTestRedis({ appendfsync: 'everysec' }),
    startTestViewsRedis(),
  ]);
  viewsStore = views;
  closers.push(
    () => views.stop(),
    () => lane.stop(),
    () => database.drop(),
  );
  system = await openTestSystem({ databaseUrl: database.url, redisUrl: lane.url });
  closers.push(() => system.close());
});
afterAll(async () => {
  for (const close of closers.reverse()) await close();
});

test('while the views hang, commits do not wait for them; afterwards they are right within seconds', async () => {
  const redis = connectRedis({ url: viewsStore.url, name: 'test', mode: 'wait', onError() {} });
  closers.push(() => redis.disconnect());
  const reader = createViewReader({ redis, now: Date.now });
  const shown = async () => {
    const answer = await reader.ranking('CLICK', '1h', 1);
    return answer.status === 'fresh' ? (answer.value[0]?.count ?? 0) : undefined;
  };
  const worker = await system.startWorker({
    VIEWS_REDIS_URL: viewsStore.url,
    // Every job is a commit of its own.
    COMMIT_EVENTS_MAX: '10',
  });
  await untilReady(worker);
  await until(async () => (await shown()) !== undefined);

  viewsStore.pause();
  await system.putOnLane(20, 10);
  await until(async () => (await system.outcome()).stored === 200);
  // Merges that each wait for their time-out of 2 s, two at a time, would take five minutes.
  const since = performance.now();
  await system.putOnLane(300, 10);
  await until(async () => (await system.outcome()).stored === 3200);
  expect(performance.now() - since).toBeLessThan(10_000);
  expect((await system.outcome()).debts).toBeGreaterThan(300);
  viewsStore.resume();

  await until(async () => (await shown()) === 3200, { limitMs: 8000 });
  await until(async () => (await system.outcome()).debts === 0);
  await system.putOnLane(1, 10);
  await until(async () => (await shown()) === 3210);
  expect(worker.output().match(/Redis \(views\) is away"/g)).toHaveLength(1);
  await until(() => worker.output().includes('Redis (views) is back'));
}, 120_000);
