import { afterAll, beforeAll, beforeEach, expect, test } from '@jest/globals';
import { measureFolds } from '../src/index.ts';
import { aBatch, aLike, anEvent, aSearch } from './support/builders.ts';
import { openTestLedger, type TestLedger } from './support/test-ledger.ts';

let store: TestLedger;
beforeAll(async () => {
  store = await openTestLedger();
});
beforeEach(() => store.empty());
afterAll(() => store.close());

const measure = () => measureFolds(store.pool);
const commit = () => store.ledger.commit([aBatch([anEvent(), aSearch('tea'), aLike(1, 7)])]);
const age = (table: string, seconds: number) =>
  store.rows(`update ${table} set appended_at = appended_at - $1 * interval '1 second'`, [seconds]);

test('nothing waits in an empty database, nor once all is added up', async () => {
  expect(await measure()).toEqual({ waiting: 0, oldestSeconds: 0 });
  await commit();
  await store.foldAll();
  expect(await measure()).toEqual({ waiting: 0, oldestSeconds: 0 });
});

test('the events of commits that are not in the books wait, and the oldest row says for how long', async () => {
  await commit();
  await age('pending_change', 90);
  await commit();
  const { waiting, oldestSeconds } = await measure();
  expect(waiting).toBe(6);
  expect(oldestSeconds).toBeGreaterThanOrEqual(90);
  expect(oldestSeconds).toBeLessThan(150);
});

test('a commit that is added up and not in the books yet has an age of its own', async () => {
  await commit();
  await store.folds.fold({ shards: [0, 1, 2, 3, 4, 5, 6, 7], rowsMax: 100, changesMax: 1000, everyMs: 0 });
  await age('pending_entry', 30);
  const { waiting, oldestSeconds } = await measure();
  expect([waiting, oldestSeconds >= 30]).toEqual([3, true]);
});

test('what waits for a newer worker is in flight, and has no age', async () => {
  await commit();
  await store.rows('update pending_change set version = 32000');
  await age('pending_change', 90);
  await age('pending_entry', 90);
  expect(await measure()).toEqual({ waiting: 3, oldestSeconds: 0 });
});
