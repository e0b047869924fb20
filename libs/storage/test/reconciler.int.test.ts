import { grains } from '@event-tracker/domain';
import { until } from '@event-tracker/testing';
import { afterAll, beforeAll, beforeEach, expect, test } from '@jest/globals';
import { bucketsToCompare, createReconciler, type Reconciler } from '../src/index.ts';
import { viewKeys } from '../src/redis/keys.ts';
import { aLike, anEvent, aSearch } from './support/builders.ts';
import { openTestKeeper, type TestKeeper } from './support/test-keeper.ts';

let stores: TestKeeper;
let reconciler: Reconciler;

beforeAll(async () => {
  stores = await openTestKeeper();
  const { ledger, shown } = stores;
  reconciler = createReconciler({ pool: ledger.pool, redis: shown.redis, views: shown.views, now: Date.now });
});
beforeEach(() => stores.empty());
afterAll(() => stores.close());

const someEvents = (users: number) => [
  anEvent({ componentId: 1 + (users % 30) }),
  anEvent({ occurredAt: Date.now() + 4 * grains.minute }),
  aSearch(`keyword ${users % 15}`, { userId: 1 + (users % 3) }),
  aLike(1 + users, users % 4),
];
const member = '0000000000000002';
const bucketsOfNow = () => stores.shown.redis.keys('view:{component}:CLICK:*');

test('views that are right are left alone', async () => {
  for (let users = 0; users < 40; users += 1) await stores.commitShown(someEvents(users));
  const { compared, ...wrong } = await reconciler.reconcile();
  expect(wrong).toEqual({ tooLow: 0, tooHigh: 0 });
  expect(compared).toBeGreaterThan(60);
});

test('a count that is too high is found, and not lowered by a merge', async () => {
  for (let users = 0; users < 40; users += 1) await stores.commitShown(someEvents(users));
  const [bucket] = await bucketsOfNow();
  await stores.shown.redis.zincrby(bucket!, 1000, member);
  expect(await reconciler.reconcile()).toMatchObject({ tooHigh: 1 });
  expect(await reconciler.reconcile()).toMatchObject({ tooHigh: 1 });
  await stores.keeper.rebuild(() => {});
  expect(await reconciler.reconcile()).toMatchObject({ tooHigh: 0, tooLow: 0 });
  expect(await stores.differences()).toEqual([]);
});

test('a member that the ledger does not have is too high', async () => {
  await stores.commitShown(someEvents(1));
  const [bucket] = await bucketsOfNow();
  await stores.shown.redis.zadd(bucket!, 1, '0000000000000999');
  expect(await reconciler.reconcile()).toMatchObject({ tooHigh: 1 });
});

test('counts that are too low, and buckets that are gone, are merged again', async () => {
  for (let users = 0; users < 40; users += 1) await stores.commitShown(someEvents(users));
  const keys = await stores.shown.redis.keys('view:*:20*');
  for (const [index, key] of keys.entries()) {
    if (index % 2 === 0) await stores.shown.redis.del(key);
    else await stores.shown.redis.zincrby(key, -1, (await stores.shown.redis.zrange(key, 0, '0'))[0]!);
  }
  expect((await reconciler.reconcile()).tooLow).toBeGreaterThan(0);
  expect(await stores.differences()).toEqual([]);
  expect(await reconciler.reconcile()).toMatchObject({ tooLow: 0, tooHigh: 0 });
});

test('what a bucket was cut by is not too low', async () => {
  await stores.commitShown(Array.from({ length: 12 }, (_, index) => anEvent({ componentId: 1 + index })));
  const { redis } = stores.shown;
  for (const key of await bucketsOfNow()) {
    await redis.zremrangebyrank(key, 0, 3);
    await redis.zadd(viewKeys.trimmed('component'), Date.now(), key);
  }
  expect(await reconciler.reconcile()).toMatchObject({ tooLow: 0, tooHigh: 0 });
});

test('traffic never looks like a count that is too high', async () => {
  let stopped = false;
  let committed = 0;
  const traffic = Array.from({ length: 4 }, async () => {
    while (!stopped) {
      committed += 1;
      await stores.commitShown(someEvents(committed));
    }
  });
  try {
    await until(() => committed > 20);
    for (let rounds = 0; rounds < 25; rounds += 1) expect((await reconciler.reconcile()).tooHigh).toBe(0);
  } finally {
    stopped = true;
    await Promise.all(traffic);
  }
  expect(committed).toBeGreaterThan(100);
  expect(await stores.differences()).toEqual([]);
}, 120_000);

test('within 24 minutes every minute of a day is looked at, and the last hour each time', () => {
  const at = Date.UTC(2026, 10, 23, 10, 20, 30);
  const seen = new Set<number>();
  for (let minutes = 0; minutes < 24; minutes += 1) {
    const now = at + minutes * grains.minute;
    const buckets = bucketsToCompare(now);
    for (const { grain, bucket } of buckets) if (grain === 'minute') seen.add(bucket);
    expect(buckets.filter(({ bucket }) => bucket > now - grains.hour).length).toBeGreaterThanOrEqual(60);
  }
  for (let minute = 1; minute <= 24 * 60; minute += 1)
    expect(seen).toContain(Date.UTC(2026, 10, 23, 10, 20) - minute * grains.minute);
});
