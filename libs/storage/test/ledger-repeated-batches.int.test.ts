import type { Batch } from '@event-tracker/domain';
import { afterAll, beforeAll, beforeEach, expect, test } from '@jest/globals';
import { aBatch, anEvent, aSearch } from './support/builders.ts';
import { openTestLedger, type TestLedger, totals, totalsOf } from './support/test-ledger.ts';

let store: TestLedger;

beforeAll(async () => {
  store = await openTestLedger({ connections: 10 });
});
beforeEach(() => store.empty());
afterAll(() => store.close());

const threeEvents = () => aBatch([anEvent(), aSearch('cat', { userId: 7 }), anEvent({ clientId: true })]);

test('a batch that is delivered again counts once, and leaves nothing to merge', async () => {
  const batch = threeEvents();
  const first = await store.commitAndFold([batch]);
  expect(first).toMatchObject({ stored: 3, duplicate: 0, repeatedBatches: 0 });

  const again = await store.commitAndFold([batch]);

  expect(again).toMatchObject({
    stored: 0,
    duplicate: 0,
    dead: 0,
    repeatedBatches: 1,
    counts: [],
    recentKeywords: [],
    debtIds: [],
  });
  expect(await totals(store.pool)).toEqual(totalsOf({ batches: 1, events: 3 }));
});

test('copies of a batch in one commit count once', async () => {
  const batch = threeEvents();
  const commit = await store.commitAndFold([batch, threeEvents(), batch, structuredClone(batch)]);
  expect(commit).toMatchObject({ stored: 6, duplicate: 0, repeatedBatches: 2 });
  expect(await totals(store.pool)).toEqual(totalsOf({ batches: 2, events: 6 }));
});

test('a batch that comes again after many others counts once, beside one that is new', async () => {
  const batch = threeEvents();
  await store.commitAndFold([batch]);
  for (let commits = 0; commits < 20; commits += 1) await store.commitAndFold([threeEvents()]);

  const again = await store.commitAndFold([batch, threeEvents()]);

  expect(again).toMatchObject({ stored: 3, repeatedBatches: 1 });
  expect(await totals(store.pool)).toEqual(totalsOf({ batches: 22, events: 66 }));
});

test('batches that ten connections commit at once, grouped in different ways, count once each', async () => {
  const batches = Array.from({ length: 30 }, threeEvents);
  const deliveries = Array.from({ length: 10 }, () => grouped(shuffled(batches)));

  const commits = await Promise.all(
    deliveries.map(async (groups) => {
      let stored = 0;
      for (const group of groups) stored += (await store.commitAndFold(group)).stored;
      return stored;
    }),
  );

  expect(commits.reduce((sum, stored) => sum + stored, 0)).toBe(90);
  expect(await totals(store.pool)).toEqual(totalsOf({ batches: 30, events: 90 }));
});

function shuffled<T>(items: readonly T[]): T[] {
  return items
    .map((item) => ({ item, at: Math.random() }))
    .sort((a, b) => a.at - b.at)
    .map(({ item }) => item);
}

function grouped(batches: Batch[]): Batch[][] {
  const groups: Batch[][] = [];
  while (batches.length > 0) groups.push(batches.splice(0, 1 + Math.floor(Math.random() * 8)));
  return groups;
}
