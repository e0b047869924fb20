import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, beforeEach, describe, expect, test } from '@jest/globals';
import { createBooksReader, createPendingRepair } from '../src/index.ts';
import { aBatch, aLike, anEvent, aSearch } from './support/builders.ts';
import { everything, openTestLedger, type TestLedger } from './support/test-ledger.ts';

let store: TestLedger;

beforeAll(async () => {
  store = await openTestLedger({ connections: 8 });
});
beforeEach(() => store.empty());
afterAll(() => store.close());

const commit = (events = [anEvent()]) => store.ledger.commit([aBatch(events)]);
const fold = (shards = everything(8).shards) => store.folds.fold({ ...everything(8), shards });
const enter = (merged: number[] = [], rowsMax = 100) => store.folds.enter(rowsMax, merged);
const books = async () => {
  const { received, stored, waiting } = await createBooksReader(store.pool).read(new Map(), new Map());
  return { received, stored, waiting };
};
const inFlight = { received: 3, stored: 0, waiting: 3 };
const entered = { received: 3, stored: 3, waiting: 0 };
/** Of three shards. */
const events = () => [anEvent({ componentId: 1 }), aSearch('cat'), aLike(1, 7)];

describe('a commit is entered in the books', () => {
  test('once all that it changed was added up, in each shard, and is in the views', async () => {
    await commit(events());
    const shards = await store.rows<{ shard: number }>(
      'select distinct shard from pending_change order by shard',
    );
    expect(shards.length).toBeGreaterThan(1);
    const debts: number[] = [];
    for (const { shard } of shards) {
      expect(await enter(debts.slice())).toEqual({ entries: 0, left: true, shown: [] });
      expect(await books()).toEqual(inFlight);
      debts.push((await fold([shard])).debtId!);
    }
    // The last fold's debt stands.
    expect(await enter(debts.slice(0, -1))).toMatchObject({ entries: 0, left: true });
    expect(await books()).toEqual(inFlight);
    expect(await enter(debts.slice(-1))).toMatchObject({ entries: 1, left: false });
    expect(await books()).toEqual(entered);
  });

  test('however many others wait', async () => {
    const repair = createPendingRepair(store.pool);
    await commit([aSearch('stays')]);
    const stays = (await store.rows<{ shard: number }>('select shard from pending_change'))[0]!.shard;
    await commit(events());
    const others = everything(8).shards.filter((shard) => shard !== stays);
    const debts = [(await fold(others)).debtId!];
    expect((await repair.oldest(stays))!.size).toBe(1);
    expect((await enter(debts)).left).toBe(true);
    expect((await books()).waiting).toBeGreaterThanOrEqual(1);
    await store.foldAll();
    expect(await books()).toEqual({ received: 4, stored: 4, waiting: 0 });
  });

  test('two seconds after its fold, when the views can not be reached', async () => {
    await commit(events());
    await fold();
    expect(await enter()).toMatchObject({ entries: 0, left: true });
    await store.rows("update view_debt set created_at = created_at - interval '2 seconds'");
    expect(await enter()).toMatchObject({ entries: 1, left: false });
    expect(await books()).toEqual(entered);
    expect(await store.rows('select from view_debt')).toHaveLength(1);
  });

  test('at once, when no view shows any of it', async () => {
    const longAgo = Date.now() - 5 * 86_400_000;
    await commit(events().map((event) => ({ ...event, occurredAt: longAgo })));
    expect((await fold()).debtId).toBe(undefined);
    expect(await enter()).toMatchObject({ entries: 1, left: false });
  });

  test('when it changed nothing: a commit of duplicates', async () => {
    const event = anEvent({ clientId: true });
    await store.commitAndFold([aBatch([event])]);
    await commit([{ ...event }]);
    expect(await enter()).toEqual({ entries: 1, left: false, shown: [] });
    expect(await books()).toEqual({ received: 2, stored: 1, waiting: 0 });
  });

  test('after a bad change of it went to the dead letters', async () => {
    const repair = createPendingRepair(store.pool);
    await commit([aSearch('cat')]);
    const { id } = (await store.rows<{ id: number }>('select change_id as id from pending_change'))[0]!;
    expect((await enter()).entries).toBe(0);
    await repair.deadLetter(id, { code: '22000', reason: 'poison', attempts: 1 });
    expect((await enter()).entries).toBe(1);
    expect(await books()).toEqual({ received: 1, stored: 1, waiting: 0 });
  });
});

test('what is shown is told with when the API took the first of it', async () => {
  const received = Date.now() - 700;
  await commit(events().map((event, at) => ({ ...event, receivedAt: received + at })));
  const { debtId } = await fold();
  expect((await enter([debtId!])).shown).toEqual([{ receivedAt: received, events: 3 }]);
});

test('commits of one producer are entered once, whoever enters them beside whom, few at a time', async () => {
  const producer = randomUUID();
  let committed = false;
  const committing = async () => {
    for (let commits = 0; commits < 30; commits += 1)
      await store.ledger.commit([aBatch([anEvent(), anEvent()], { producer, acknowledged: 2 * commits })]);
  };
  const entering = async () => {
    for (;;) {
      const last = committed;
      const { debtId } = await fold();
      const { left } = await enter(debtId === undefined ? [] : [debtId], 3);
      if (last && !left) return;
    }
  };
  await Promise.all([
    Promise.all([committing(), committing()]).finally(() => (committed = true)),
    entering(),
    entering(),
    entering(),
  ]);
  expect(await store.rows('select received, stored, acknowledged from producer')).toEqual([
    { received: 120, stored: 120, acknowledged: 58 },
  ]);
  const hours = await store.rows<{ stored: number }>('select sum(stored)::bigint as stored from event_hour');
  expect(hours).toEqual([{ stored: 120 }]);
});

test('entries of a version that this release does not know wait, and nobody looks for them again and again', async () => {
  await commit();
  await fold();
  await store.rows('update pending_entry set version = 99; update view_debt set xids = null');
  expect(await enter()).toEqual({ entries: 0, left: false, shown: [] });
  expect(await books()).toEqual({ received: 1, stored: 0, waiting: 1 });
});
