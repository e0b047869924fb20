import { until } from '@event-tracker/testing';
import { afterAll, beforeAll, beforeEach, expect, test } from '@jest/globals';
import type { Views } from '../src/index.ts';
import { anEvent, aSearch } from './support/builders.ts';
import { openTestKeeper, type TestKeeper } from './support/test-keeper.ts';

let stores: TestKeeper;

beforeAll(async () => {
  stores = await openTestKeeper();
});
beforeEach(async () => {
  await stores.ledger.empty();
  await stores.shown.redis.flushall();
  await stores.commitShown([anEvent(), anEvent({ componentId: 7 }), aSearch('cat', { userId: 1 })]);
  await stores.keepUntilFresh();
  await stores.noFullMerge();
});
afterAll(() => stores.close());

const status = async () => (await stores.shown.reader.ranking('CLICK', '1h', 1)).status;

test('a rebuild lowers what is too high in the views, and removes what the ledger does not have', async () => {
  const { redis } = stores.shown;
  for (const key of await redis.keys('view:*:20*')) {
    const [member] = await redis.zrange(key, 0, '0');
    await redis.zincrby(key, 1000, member!);
    await redis.zadd(key, 5, 'never seen');
  }
  await redis.zadd('view:{keyword}:recent:1', Date.now(), 'never searched');
  await stores.keeper.keep();
  expect((await stores.differences()).length).toBeGreaterThan(0);

  const merged: number[] = [];
  const total = await stores.keeper.rebuild((counts) => merged.push(counts));

  expect(await stores.differences()).toEqual([]);
  expect(await stores.shown.reader.recentKeywords(1)).toEqual({ status: 'fresh', value: ['cat'] });
  expect(await status()).toBe('fresh');
  expect(merged.at(-1)).toBe(total);
});

test('readers are told that the views are behind while they are made anew', async () => {
  const seen: string[] = [];
  const watching: Views = {
    async merge(...parts) {
      seen.push(await status());
      await stores.shown.views.merge(...parts);
    },
  };
  await stores.anotherKeeper(watching).rebuild(() => {});
  expect(new Set(seen)).toEqual(new Set(['behind']));
  expect(await status()).toBe('fresh');
});

test('a rebuild waits for the full merge that is under way, and goes on beside commits and other keepers', async () => {
  await stores.shown.redis.flushall();
  const making = Promise.withResolvers<void>();
  let began = false;
  const slow: Views = {
    async merge(...parts) {
      began = true;
      await making.promise;
      await stores.shown.views.merge(...parts);
    },
  };
  const fullMerge = stores.anotherKeeper(slow).keep();
  await until(() => began);
  const rebuild = stores.keeper.rebuild(() => {});
  await until(async () => {
    const waiting = `select from pg_locks where locktype = 'advisory' and not granted
      and database = (select oid from pg_database where datname = current_database())`;
    return (await stores.ledger.rows(waiting)).length === 1;
  });
  for (let commits = 0; commits < 10; commits += 1)
    await stores.commitShown([anEvent({ componentId: commits + 1 })]);
  making.resolve();

  const busy = Array.from({ length: 10 }, (_, index) =>
    stores.commitShown([anEvent({ componentId: index + 1 })]),
  );
  await Promise.all([fullMerge, rebuild, stores.anotherKeeper().keep(), ...busy]);

  await stores.keepUntilFresh();
  expect(await stores.differences()).toEqual([]);
});
