import { bucketStart } from '@event-tracker/domain';
import { afterAll, beforeAll, beforeEach, describe, expect, test } from '@jest/globals';
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

test('debts of hours are paid by these hours, and by nothing between them', async () => {
  const start = bucketStart(Date.now(), 'hour');
  const hours = [start - 20 * hour, start - 3 * hour];
  const between = anEvent({ occurredAt: start - 10 * hour });
  await stores.commitUnshown(hours.map((occurredAt) => anEvent({ occurredAt })));
  await stores.ageDebts(2000);
  // Of another worker, which is about to show it.
  await stores.commitUnshown([between]);
  const merged = new Set<number>();
  const watching: Views = {
    async merge(counts, ...more) {
      for (const { bucket } of counts) merged.add(bucket);
      await stores.shown.views.merge(counts, ...more);
    },
  };
  await stores.anotherKeeper(watching).keep();
  expect([...merged].sort((a, b) => a - b)).toEqual(hours);
  expect(await standing()).toHaveLength(1);
});

describe('in an outage of the views', () => {
  const away: Views = { merge: () => Promise.reject(new Error('no Redis')) };
  const owe = (debts: number) =>
    stores.ledger.rows(
      `insert into view_debt (from_minute, to_minute, created_at, hours, xids)
       select hour, hour + interval '59 minutes', now() - interval '1 hour' + n * interval '50 milliseconds', array[hour],
         array[pg_current_xact_id()]
       from (
         select n, date_trunc('hour', now(), 'UTC') - n % 5 * interval '1 hour' as hour
         from generate_series(1, $1::integer) as n
       ) as folded`,
      [debts],
    );

  test('the debts of as many folds as an hour has become one, as old as the oldest, and are paid in one round', async () => {
    const now = Date.now();
    await stores.commitUnshown([0, 1, 2, 3, 4].map((hours) => anEvent({ occurredAt: now - hours * hour })));
    await owe(72_000);
    // Of the release before this one, whose debts are spans.
    await stores.ledger.rows(
      `insert into view_debt (from_minute, to_minute, created_at)
       values (now() - interval '6 hours', now() - interval '6 hours', now() - interval '10 minutes'),
         (now() - interval '40 days', now() - interval '39 days', now() - interval '10 minutes')`,
    );
    await stores.ageDebts(2000);
    const before = (await standing()).map((debt) => debt.hours ?? []);
    expect(before).toHaveLength(10_000);
    while ((await stores.debts.olderThan(1000, 2)).length > 1)
      await expect(stores.anotherKeeper(away).keep()).rejects.toThrow('no Redis');
    const [debt, ...others] = await standing();
    expect(others).toEqual([]);
    const start = bucketStart(now, 'hour');
    const owed = [6, 4, 3, 2, 1, 0].map((ago) => start - ago * hour);
    expect(debt!.hours).toEqual(owed);
    const [age] = await stores.ledger.rows<{ minutes: number }>(
      'select (extract(epoch from now() - created_at) / 60)::integer as minutes, xids from view_debt',
    );
    expect(age).toEqual({ minutes: 60, xids: null });

    await stores.shown.redis.del('view:{component}:lease');
    await stores.keeper.keep();
    expect(await standing()).toEqual([]);
    expect(await stores.differences()).toEqual([]);
    expect(await isFresh()).toBe(true);
  });

  test('a few debts stay as they are', async () => {
    await owe(1000);
    await expect(stores.anotherKeeper(away).keep()).rejects.toThrow('no Redis');
    expect(await standing()).toHaveLength(1000);
  });

  test('keepers that make them one side by side lose none, nor does one that pays meanwhile', async () => {
    await stores.commitUnshown(
      [0, 1, 2, 3, 4].map((hours) => anEvent({ occurredAt: Date.now() - hours * hour })),
    );
    await stores.ageDebts(2000);
    await owe(5000);
    await Promise.allSettled([
      ...[1, 2, 3].map(() => stores.anotherKeeper(away).keep()),
      stores.keeper.keep(),
      ...[1, 2].map(() => stores.debts.unite(1000)),
    ]);
    await stores.keeper.keep();
    expect(await standing()).toEqual([]);
    expect(await stores.differences()).toEqual([]);
  });

  test('debts that are young are left to who owes them', async () => {
    await owe(1500);
    await stores.commitUnshown([anEvent()]);
    await stores.ledger.rows('update view_debt set xids = array[pg_current_xact_id()] where xids is null');
    await expect(stores.anotherKeeper(away).keep()).rejects.toThrow('no Redis');
    expect(await standing()).toHaveLength(2);
    expect(await stores.ledger.rows('select from view_debt where xids is not null')).toHaveLength(1);
  });
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
