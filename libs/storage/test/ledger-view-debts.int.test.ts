import { bucketStart } from '@event-tracker/domain';
import { afterAll, beforeAll, beforeEach, expect, test } from '@jest/globals';
import { createViewDebts, type ViewDebts } from '../src/index.ts';
import { aBatch, anEvent } from './support/builders.ts';
import { openTestLedger, type TestLedger } from './support/test-ledger.ts';

const day = 86_400_000;
let store: TestLedger;
let debts: ViewDebts;

beforeAll(async () => {
  store = await openTestLedger();
  debts = createViewDebts(store.pool);
});
beforeEach(() => store.rows('truncate view_debt'));
afterAll(() => store.close());

const at = (occurredAt: number) => anEvent({ occurredAt });
const standing = async () => (await debts.olderThan(0, 100)).map((debt) => debt.debtId);

test('a commit owes the views the minutes from its earliest to its latest event', async () => {
  const now = Date.now();
  const { debtId } = await store.commitAndFold(
    [aBatch([at(now - 90_061), at(now - 3 * day)]), aBatch([at(now + 200_000), at(now)])],
    [],
  );
  const [debt, ...others] = await debts.olderThan(0, 100);
  expect(others).toEqual([]);
  expect(debt!.debtId).toBe(debtId);
  expect(bucketStart(debt!.from, 'minute')).toBe(bucketStart(now - 3 * day, 'minute'));
  expect(bucketStart(debt!.to, 'minute')).toBe(bucketStart(now + 200_000, 'minute'));
});

test('a debt is told once it is old enough, oldest first, as many as are asked for', async () => {
  const ids: number[] = [];
  for (let commits = 0; commits < 3; commits += 1)
    ids.push((await store.commitAndFold([aBatch([anEvent()])])).debtId!);
  expect(await debts.olderThan(60_000, 100)).toEqual([]);
  await store.rows("update view_debt set created_at = created_at - interval '2 minutes' where debt_id = $1", [
    ids[1],
  ]);
  expect((await debts.olderThan(60_000, 100)).map((debt) => debt.debtId)).toEqual([ids[1]]);
  expect((await debts.olderThan(0, 2)).map((debt) => debt.debtId)).toEqual(ids.slice(0, 2));
});

test('paid debts go with the next commit, even one of batches that were committed before', async () => {
  const batch = aBatch([anEvent()]);
  const first = await store.commitAndFold([batch]);
  const second = await store.commitAndFold([aBatch([anEvent()])], [first.debtId!]);
  expect(await standing()).toEqual([second.debtId]);
  await store.commitAndFold([batch], [second.debtId!]);
  expect(await standing()).toEqual([]);
});

test('debts stand when the commit that was to take them off fails', async () => {
  const { debtId } = await store.commitAndFold([aBatch([anEvent()])]);
  const failing = store.commitAndFold([aBatch([at(Date.now() - 100 * day)])], [debtId!]);
  await expect(failing).rejects.toThrow('no partition');
  expect(await standing()).toEqual([debtId]);
});

test('debts can be paid without a commit, twice as well as once', async () => {
  const { debtId } = await store.commitAndFold([aBatch([anEvent()])]);
  await debts.pay([debtId!]);
  await debts.pay([debtId!]);
  expect(await standing()).toEqual([]);
});
