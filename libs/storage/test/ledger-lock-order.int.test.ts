import type { Batch } from '@event-tracker/domain';
import { until } from '@event-tracker/testing';
import { afterAll, beforeAll, beforeEach, expect, test } from '@jest/globals';
import { aBatch, aLike, anEvent } from './support/builders.ts';
import { openTestLedger, type TestLedger } from './support/test-ledger.ts';

// Commits can't deadlock when each takes its rows in one order: whoever waits for a row holds none that lies beyond it.

const [low, high] = ['11111111-0000-4000-8000-000000000000', 'eeeeeeee-0000-4000-8000-000000000000'];
let store: TestLedger;

beforeAll(async () => {
  store = await openTestLedger();
});
beforeEach(() => store.empty());
afterAll(() => store.close());

const client = (eventId: string) => anEvent({ eventId, clientId: true });

/**
 * While another transaction has done `first` and so holds a row that `waits` wants, a commit of `passes`, which lie
 * beyond that row, must get through. Answers what came of both in the end.
 */
async function commitBeside(first: string, waits: Batch[], passes: Batch[]) {
  const other = await store.pool.connect();
  try {
    await other.query('begin');
    await other.query(first);
    const waiting = store.commitAndFold(waits);
    await until(async () => {
      const locked =
        "select from pg_stat_activity where datname = current_database() and wait_event_type = 'Lock'";
      return (await store.rows(locked)).length === 1;
    });
    const passed = await store.commitAndFold(passes);
    await other.query('rollback');
    return { waited: await waiting, passed };
  } finally {
    other.release(true);
  }
}

test('a commit that waits for a batch holds none with a greater id', async () => {
  const beyond = aBatch([anEvent()], { id: high });
  const { waited, passed } = await commitBeside(
    `insert into batch (batch_id, event_count) values ('${low}', 1)`,
    [beyond, aBatch([anEvent()], { id: low })],
    [beyond],
  );
  expect(passed.stored).toBe(1);
  expect(waited).toMatchObject({ stored: 1, repeatedBatches: 1 });
});

test('a commit that waits for an event id holds none that is greater', async () => {
  const { waited, passed } = await commitBeside(
    `insert into event_key (event_id) values ('${low}')`,
    [aBatch([client(high), client(low)])],
    [aBatch([client(high)])],
  );
  expect(passed.stored).toBe(1);
  expect(waited).toMatchObject({ stored: 1, duplicate: 1 });
});

test('a commit that waits for a new pair of user and post holds none beyond it', async () => {
  const { waited, passed } = await commitBeside(
    "insert into like_state values ('-infinity', gen_random_uuid(), 5, 1, false)",
    [aBatch([aLike(1, 9), aLike(1, 5)])],
    [aBatch([aLike(1, 9)])],
  );
  expect([waited.stored, passed.stored]).toEqual([2, 1]);
});

test('a commit that waits for a known pair of user and post holds none beyond it', async () => {
  await store.commitAndFold([aBatch([aLike(1, 5), aLike(1, 9)])]);
  const { waited, passed } = await commitBeside(
    'select from like_state where post_id = 5 for update',
    [aBatch([aLike(1, 9), aLike(1, 5)])],
    [aBatch([aLike(1, 9)])],
  );
  expect([waited.stored, passed.stored]).toEqual([2, 1]);
});

test('commits that count the same subjects in opposite order wait for each other in one order', async () => {
  const at = { occurredAt: Date.now() };
  const click = (componentId: number) => anEvent({ ...at, componentId });
  await store.commitAndFold([aBatch([click(1), click(2)])]);
  const { waited, passed } = await commitBeside(
    'update statistic set count = count where component_id = 1',
    [aBatch([click(2), click(1)])],
    [aBatch([click(2)])],
  );
  expect([waited.stored, passed.stored]).toEqual([2, 1]);
});
