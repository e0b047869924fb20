import { until } from '@event-tracker/testing';
import { afterAll, beforeAll, beforeEach, expect, test } from '@jest/globals';
import { createStatisticsReader, type Views } from '../src/index.ts';
import { aLike, anEvent, aSearch } from './support/builders.ts';
import { openTestKeeper, type TestKeeper } from './support/test-keeper.ts';

const hour = 3_600_000;
let stores: TestKeeper;

beforeAll(async () => {
  stores = await openTestKeeper();
});
beforeEach(() => stores.empty());
afterAll(() => stores.close());

const someEvents = (users: number) => [
  anEvent({ componentId: 1 + (users % 7), occurredAt: Date.now() - (users % 20) * hour }),
  aSearch(`keyword ${users % 5}`, { userId: users % 3 }),
  aLike(users, users % 4),
];
const status = async () => (await stores.shown.reader.ranking('CLICK', '24h', 1)).status;

test('on an empty Redis the first round makes the views, recent keywords included', async () => {
  await stores.commitShown(someEvents(1));
  await stores.shown.redis.flushall();
  expect(await status()).toBe('behind');

  await stores.keepUntilFresh();

  expect(await stores.differences()).toEqual([]);
  expect(await stores.shown.reader.recentKeywords(1)).toEqual({ status: 'fresh', value: ['keyword 1'] });
});

test('events ahead of the clock are part of a full merge', async () => {
  await stores.commitUnshown([anEvent({ occurredAt: Date.now() + 5 * 60_000 })]);
  await stores.keepUntilFresh();
  expect(await stores.differences()).toEqual([]);
});

test('views that are deleted under traffic are whole again, and nothing that was committed meanwhile is missing', async () => {
  const { shown, ledger } = stores;
  const statistics = createStatisticsReader(ledger.pool);
  let stopped = false;
  let committed = 0;
  const traffic = Array.from({ length: 3 }, async () => {
    while (!stopped) {
      committed += 1;
      await stores.commitShown(someEvents(committed));
    }
  });
  await until(() => committed > 50);
  await stores.keepUntilFresh();

  await shown.redis.flushall();
  expect(await status()).toBe('behind');
  const span = { grain: 'hour', from: 0, to: Date.now() + hour } as const;
  expect((await statistics.ranking('CLICK', [span], 1)).length).toBe(1);

  const before = committed;
  await stores.keepUntilFresh();
  await until(() => committed > before + 50);
  stopped = true;
  await Promise.all(traffic);
  expect(await stores.differences()).toEqual([]);
});

test('a Redis that was restarted gets its views made anew, though it has kept them', async () => {
  const { shown } = stores;
  await stores.commitShown(someEvents(1));
  await stores.keepUntilFresh();
  const [bucket] = await shown.redis.keys('view:{component}:CLICK:minute:*');
  await shown.redis.zrem(bucket!, ...(await shown.redis.zrange(bucket!, 0, '-1')));

  await shown.store.kill();
  await shown.store.start();
  expect(await shown.redis.exists('view:{component}:complete')).toBe(1);
  await stores.keepUntilFresh();

  expect(await stores.differences()).toEqual([]);
});

test('views that are deleted while they are made are not declared whole, but made again in the next round', async () => {
  await stores.commitUnshown(someEvents(1));
  const deleting: Views = {
    async merge(...parts) {
      await stores.shown.views.merge(...parts);
      await stores.shown.redis.flushall();
    },
  };
  await expect(stores.anotherKeeper(deleting).keep()).rejects.toThrow('were deleted while they were made');
  expect(await stores.shown.redis.keys('view:*:complete')).toEqual([]);
  expect(await status()).toBe('behind');

  await stores.keepUntilFresh();
  expect(await stores.differences()).toEqual([]);
});

test('one of several workers makes the views, the others go on without', async () => {
  await stores.commitUnshown(someEvents(1));
  const making = Promise.withResolvers<void>();
  let began = 0;
  const slow: Views = {
    async merge(...parts) {
      began += 1;
      await making.promise;
      await stores.shown.views.merge(...parts);
    },
  };
  const first = stores.anotherKeeper(slow).keep();
  await until(() => began === 1);

  await Promise.all(Array.from({ length: 4 }, () => stores.anotherKeeper(slow).keep()));

  expect(began).toBe(1);
  expect(await status()).toBe('behind');
  making.resolve();
  await first;
  expect(await status()).toBe('fresh');
  expect(await stores.differences()).toEqual([]);
});

test('a worker that fails at it leaves the full merge to the next', async () => {
  await stores.commitUnshown(someEvents(1));
  const failing: Views = { merge: () => Promise.reject(new Error('no Redis')) };
  await expect(stores.anotherKeeper(failing).keep()).rejects.toThrow('no Redis');
  await stores.keepUntilFresh();
});
