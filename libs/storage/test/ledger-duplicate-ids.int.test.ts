import { randomUUID } from 'node:crypto';
import { bucketStart } from '@event-tracker/domain';
import { afterAll, beforeAll, beforeEach, expect, test } from '@jest/globals';
import { aBatch, aLike, anEvent, aSearch } from './support/builders.ts';
import { openTestLedger, type TestLedger, totals } from './support/test-ledger.ts';

let store: TestLedger;

beforeAll(async () => {
  store = await openTestLedger({ connections: 8 });
});
beforeEach(() => store.empty());
afterAll(() => store.close());

const minute = bucketStart(Date.now(), 'minute');
const twice = () => {
  const eventId = randomUUID();
  const at = (occurredAt: number) => anEvent({ eventId, clientId: true, occurredAt });
  return { eventId, early: at(minute - 600_000), late: at(minute) };
};
const storedAt = () => store.rows('select (extract(epoch from occurred_at) * 1000)::float8 as at from event');

test('of two events with one id in a batch the first stays, whichever is older', async () => {
  const { early, late } = twice();
  const commit = await store.commitAndFold([aBatch([late, early])]);
  expect(commit).toMatchObject({ stored: 1, duplicate: 1 });
  expect(await storedAt()).toEqual([{ at: late.occurredAt }]);
});

test('of two events with one id in a commit that of the earlier batch on the lane stays', async () => {
  const { early, late } = twice();
  // Ids of batches, by which their rows are locked, are the other way round.
  const first = aBatch([anEvent(), early], { id: 'ffffffff-0000-4000-8000-000000000000' });
  const second = aBatch([late], { id: '00000000-0000-4000-8000-000000000000' });
  const commit = await store.commitAndFold([first, second]);
  expect(commit).toMatchObject({ stored: 2, duplicate: 1 });
  expect(await storedAt()).toContainEqual({ at: early.occurredAt });
  expect(await storedAt()).not.toContainEqual({ at: late.occurredAt });
});

test('an id that was committed before is a duplicate, with whatever content it comes', async () => {
  const eventId = randomUUID();
  await store.commitAndFold([aBatch([anEvent({ eventId, clientId: true })])]);
  const others = [
    aLike(1, 2, { eventId, clientId: true }),
    aSearch('dog', { eventId, clientId: true, userId: 5 }),
  ];
  for (const other of others) {
    const commit = await store.commitAndFold([aBatch([other])]);
    expect(commit).toMatchObject({
      stored: 0,
      duplicate: 1,
      dead: 0,
      repeatedBatches: 0,
      counts: [],
      recentKeywords: [],
      debtIds: [],
    });
  }
  expect(await store.rows('select event_type, count from statistic')).toEqual([
    { event_type: 'CLICK', count: 1 },
  ]);
  expect(await store.rows('select from like_state')).toEqual([]);
});

test('an id in two batches that are committed at once is stored once and a duplicate once', async () => {
  const rounds = Array.from({ length: 20 }, twice);
  const commits = await Promise.all(
    rounds.flatMap(({ early, late }) =>
      [early, late].map((event) => store.commitAndFold([aBatch([event, anEvent()])])),
    ),
  );
  expect(commits.map(({ stored }) => stored).sort((a, b) => a - b)).toEqual([
    ...Array(20).fill(1),
    ...Array(20).fill(2),
  ]);
  expect(await totals(store.pool)).toMatchObject({ received: 80, stored: 60, duplicate: 20, events: 60 });
  const stored = await store.rows<{ event_id: string }>('select event_id from event');
  expect(new Set(stored.map((row) => row.event_id)).size).toBe(60);
});
