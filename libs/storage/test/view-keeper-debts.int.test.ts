import { bucketStart } from '@event-tracker/domain';
import { afterAll, beforeAll, beforeEach, expect, test } from '@jest/globals';
import type { Views } from '../src/index.ts';
import { anEvent, aSearch } from './support/builders.ts';
import { openTestKeeper, type TestKeeper } from './support/test-keeper.ts';

const hour = 3_600_000;
let stores: TestKeeper;

beforeAll(async () => {
  stores = await openTestKeeper();
});
beforeEach(async () => {
  await stores.ledger.empty();
  await stores.shown.redis.flushall();
  await stores.shown.declareFresh();
});
afterAll(() => stores.close());

const standing = () => stores.debts.olderThan(0, 10_000);
const isFresh = async () => (await stores.shown.reader.ranking('CLICK', '1h', 1)).status === 'fresh';

test('what a dead worker committed and did not merge is merged, all types and hours of it', async () => {
  const now = Date.now();
  const events = [0, 0.2, 1, 5, 23].flatMap((hours) => [
    anEvent({ occurredAt: now - hours * hour }),
    aSearch('cat', { userId: 4, occurredAt: now - hours * hour }),
  ]);
  await stores.commitUnshown(events.slice(0, 3));
  await stores.commitUnshown(events.slice(3));
  expect(await stores.differences()).not.toEqual([]);
  await stores.ageDebts(2000);

  await stores.keeper.keep();

  expect(await stores.differences()).toEqual([]);
  expect(await standing()).toEqual([]);
  expect(await stores.shown.reader.recentKeywords(4)).toEqual({ status: 'fresh', value: ['cat'] });
});

test('a debt that its worker may still pay is left to it for a second', async () => {
  await stores.commitUnshown([anEvent()]);
  await stores.keeper.keep();
  expect(await standing()).toHaveLength(1);
  await stores.ageDebts(1000);
  await stores.keeper.keep();
  expect(await standing()).toEqual([]);
});

test('a debt of minutes that the views no longer hold is taken off', async () => {
  await stores.commitUnshown([anEvent({ occurredAt: Date.now() - 20 * 24 * hour })]);
  await stores.ageDebts(2000);
  await stores.keeper.keep();
  expect(await standing()).toEqual([]);
  expect(await stores.shown.redis.keys('view:*:20*')).toEqual([]);
});

test('all debts of an outage are paid in one round, and the views are fresh after it', async () => {
  await stores.shown.redis.del('view:{component}:lease');
  const now = Date.now();
  await stores.commitUnshown([0, 0.5, 3, 20].map((hours) => anEvent({ occurredAt: now - hours * hour })));
  await stores.ledger.rows(
    `insert into view_debt (from_minute, to_minute)
     select now() - i % 300 * interval '5 minutes', now() from generate_series(1, 120000) as i`,
  );
  await stores.ageDebts(6000);
  await stores.keeper.keep();
  expect(await standing()).toEqual([]);
  expect(await stores.differences()).toEqual([]);
  expect(await isFresh()).toBe(true);
});

test('debts that overlap are merged once', async () => {
  const now = bucketStart(Date.now(), 'hour') - 2 * hour;
  const at = [0, 1, 2, 3, 50, 70, 71].map((minutes) => now + minutes * 60_000);
  for (const occurredAt of at) await stores.commitUnshown([anEvent({ occurredAt })]);
  await stores.commitUnshown([anEvent({ occurredAt: at[1]! }), anEvent({ occurredAt: at[3]! })]);
  await stores.ageDebts(2000);
  const merged: string[] = [];
  const watching: Views = {
    async merge(counts, ...more) {
      merged.push(...counts.map(({ grain, bucket }) => `${grain} ${bucket}`));
      await stores.shown.views.merge(counts, ...more);
    },
  };
  await stores.anotherKeeper(watching).keep();
  expect(merged).toEqual([...at.map((minute) => `minute ${minute}`), `hour ${now}`, `hour ${now + hour}`]);
  expect(await stores.differences()).toEqual([]);
});

test('the lease is not prolonged while an old debt can not be paid', async () => {
  await stores.shown.redis.del('view:{component}:lease');
  await stores.commitUnshown([anEvent()]);
  await stores.ageDebts(6000);
  const failing: Views = { merge: () => Promise.reject(new Error('no Redis')) };
  await expect(stores.anotherKeeper(failing).keep()).rejects.toThrow('no Redis');
  expect(await isFresh()).toBe(false);
  expect(await standing()).toHaveLength(1);
  await stores.keeper.keep();
  expect(await isFresh()).toBe(true);
});

test('two keepers pay the same debts side by side', async () => {
  for (let commits = 0; commits < 20; commits += 1)
    await stores.commitUnshown([anEvent({ componentId: commits + 1 })]);
  await stores.ageDebts(2000);
  await Promise.all([stores.keeper.keep(), stores.anotherKeeper().keep(), stores.anotherKeeper().keep()]);
  expect(await standing()).toEqual([]);
  expect(await stores.differences()).toEqual([]);
});
