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
import { openTestSystem, readMetric, type TestSystem } from './support/test-system.ts';

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

/** A merge that waits for its time-out of 2 s, two at a time: so many would take five minutes. */
const foldsUnshown = 300;
/** Debts that stand longer than a second become one, once there are a thousand of them. */
const debtsMax = 2000;

test('while the views hang, neither commits nor folds wait for them; afterwards they are right within seconds', async () => {
  const redis = connectRedis({ url: viewsStore.url, name: 'test', mode: 'wait', onError() {} });
  closers.push(() => redis.disconnect());
  const reader = createViewReader({ redis, now: Date.now });
  const shown = async () => {
    const answer = await reader.ranking('CLICK', '1h', 1);
    return answer.status === 'fresh' ? (answer.value[0]?.count ?? 0) : undefined;
  };
  const worker = await system.startWorker({
    VIEWS_REDIS_URL: viewsStore.url,
    // Every job is a commit of its own, and hardly two of them are folded at once.
    COMMIT_EVENTS_MAX: '10',
    FOLD_EVERY_MS: '1',
  });
  await untilReady(worker);
  await until(async () => (await shown()) !== undefined);
  const unshown = () => readMetric(worker, 'merges_missed_total');

  viewsStore.pause();
  await system.putOnLane(20, 10);
  let put = 200;
  await until(async () => (await system.outcome()).stored === put);
  const since = performance.now();
  await system.putOnLane(300, 10);
  put += 3000;
  await until(async () => (await system.outcome()).rows === put);
  expect(performance.now() - since).toBeLessThan(10_000);
  while ((await unshown()) < foldsUnshown) {
    await system.putOnLane(1, 10);
    put += 10;
  }
  await until(async () => (await system.outcome()).stored === put);
  const { counted, debts } = await system.outcome();
  expect(counted).toBe(put);
  expect(debts).toBeGreaterThan(0);
  expect(debts).toBeLessThan(debtsMax);
  viewsStore.resume();

  await until(async () => (await shown()) === put, { limitMs: 8000 });
  await until(async () => (await system.outcome()).debts === 0);
  await system.putOnLane(1, 10);
  await until(async () => (await shown()) === put + 10);
  expect(worker.output().match(/Redis \(views\) is away"/g)).toHaveLength(1);
  await until(() => worker.output().includes('Redis (views) is back'));
}, 120_000);
