import { bucketStart } from '@event-tracker/domain';
import { afterAll, beforeAll, beforeEach, expect, test } from '@jest/globals';
import { createViewDebts, type ViewDebts } from '../src/index.ts';
import { aBatch, aLike, anEvent, aSearch } from './support/builders.ts';
import { openTestLedger, type TestLedger } from './support/test-ledger.ts';

const minute = 60_000;
const hour = 60 * minute;
const day = 24 * hour;
let store: TestLedger;
let debts: ViewDebts;

beforeAll(async () => {
  store = await openTestLedger();
  debts = createViewDebts(store.pool);
});
beforeEach(() => store.empty());
afterAll(() => store.close());

const at = (occurredAt: number) => anEvent({ occurredAt });
const standing = async () => (await debts.olderThan(0, 100)).map((debt) => debt.debtId);

test('a fold owes the views the hours that it touched, as far back as views go', async () => {
  const now = Date.now();
  const { debtIds } = await store.commitAndFold([
    aBatch([at(now - 20 * hour), at(now - 3 * day)]),
    aBatch([at(now + 200_000), at(now), aSearch('cat', { userId: 1, occurredAt: now })]),
  ]);
  const [debt, ...others] = await debts.olderThan(0, 100);
  expect(others).toEqual([]);
  expect(debt!.debtId).toBe(debtIds[0]);
  const hours = [now - 20 * hour, now, now + 200_000].map((moment) => bucketStart(moment, 'hour'));
  expect(debt!.hours).toEqual([...new Set(hours)]);
  expect([debt!.from, debt!.to]).toEqual([hours[0], hours.at(-1)! + 59 * minute]);
});

test('what is in no view any more is owed to none', async () => {
  const { debtIds } = await store.commitAndFold([aBatch([at(Date.now() - 3 * day)])]);
  expect(debtIds).toEqual([]);
  expect(await standing()).toEqual([]);
});

test('a debt is told once it is old enough, oldest first, as many as are asked for', async () => {
  const ids: number[] = [];
  for (let commits = 0; commits < 3; commits += 1)
    ids.push(...(await store.commitAndFold([aBatch([anEvent()])])).debtIds);
  expect(await debts.olderThan(60_000, 100)).toEqual([]);
  await store.rows("update view_debt set created_at = created_at - interval '2 minutes' where debt_id = $1", [
    ids[1],
  ]);
  expect((await debts.olderThan(60_000, 100)).map((debt) => debt.debtId)).toEqual([ids[1]]);
  expect((await debts.olderThan(0, 2)).map((debt) => debt.debtId)).toEqual(ids.slice(0, 2));
});

test('debts whose hours are merged go when commits are entered', async () => {
  const first = await store.commitAndFold([aBatch([anEvent()])]);
  const second = await store.commitAndFold([aBatch([anEvent()])]);
  await store.folds.enter(100, first.debtIds);
  expect(await standing()).toEqual(second.debtIds);
  await store.folds.enter(100, second.debtIds);
  expect(await standing()).toEqual([]);
});

test('a fold that fails leaves no debt, and what it took waits as before', async () => {
  await store.ledger.commit([aBatch([anEvent()])]);
  await store.rows('alter table like_count add constraint refused check (post_id <> 13)');
  try {
    await store.ledger.commit([aBatch([aLike(1, 13)])]);
    await expect(store.foldAll()).rejects.toThrow('refused');
    expect(await standing()).toEqual([]);
    expect(await store.rows('select from pending_change')).toHaveLength(2);
  } finally {
    await store.rows('alter table like_count drop constraint refused');
  }
  expect((await store.foldAll()).debtIds).toHaveLength(1);
});

test('debts can be paid without a commit, twice as well as once', async () => {
  const { debtIds } = await store.commitAndFold([aBatch([anEvent()])]);
  await debts.pay(debtIds);
  await debts.pay(debtIds);
  expect(await standing()).toEqual([]);
});
