import { poll } from '@event-tracker/testing';
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import pg from 'pg';
import { isMissingPartition, sqlState } from '../src/index.ts';
import { aBatch, aLike, anEvent } from './support/builders.ts';
import { openTestLedger, type TestLedger } from './support/test-ledger.ts';

const day = 86_400_000;
let store: TestLedger;

beforeAll(async () => {
  // One connection: what a failed commit leaves on it, the next one meets.
  store = await openTestLedger({ connections: 1 });
});
afterAll(() => store.close());

/** Everything in every table that a commit writes. */
const contents = () =>
  store.rows(`
    select 'batch' as of, to_jsonb(t) as row from batch t union all
    select 'event_key', to_jsonb(t) from event_key t union all
    select 'event', to_jsonb(t) from event t union all
    select 'pending_change', to_jsonb(t) from pending_change t union all
    select 'pending_entry', to_jsonb(t) from pending_entry t union all
    select 'dead_letter', to_jsonb(t) from dead_letter t`);
const goodBatch = () => aBatch([anEvent({ clientId: true }), aLike(1, 2)]);
const failure = (commit: Promise<unknown>) =>
  commit.then(
    () => undefined,
    (cause: unknown) => cause,
  );

test('an event of a day without a partition fails its commit whole, and the connection stays good', async () => {
  await store.ledger.commit([goodBatch()]);
  const before = await contents();
  const tooOld = aBatch([anEvent({ occurredAt: Date.now() - 100 * day })]);

  const cause = await failure(store.ledger.commit([goodBatch(), tooOld]));

  expect(isMissingPartition(cause)).toBe(true);
  expect(await contents()).toEqual(before);
  expect(await store.ledger.commit([goodBatch()])).toMatchObject({ stored: 2 });
  expect(store.pool.totalCount).toBe(1);
});

test('a check constraint that a row breaks is no missing partition', async () => {
  await store.rows("alter table event add constraint refused check (session_id <> 'refused')");
  const before = await contents();

  const cause = await failure(store.ledger.commit([aBatch([anEvent({ sessionId: 'refused' })])]));

  expect(sqlState(cause)).toBe('23514');
  expect(isMissingPartition(cause)).toBe(false);
  expect(await contents()).toEqual(before);
});

test('a commit whose connection is cut leaves nothing behind, and counts once when it is made again', async () => {
  const before = await contents();
  const batch = goodBatch();
  const other = new pg.Client(store.url);
  await other.connect();
  try {
    await other.query('begin; lock table pending_entry in exclusive mode');
    const committing = failure(store.ledger.commit([batch]));
    await poll(async () => {
      const { rowCount } = await other.query(
        `select pg_terminate_backend(pid) from pg_stat_activity
         where application_name = 'ledger-test' and wait_event_type = 'Lock' and datname = current_database()`,
      );
      return rowCount === 1 ? true : undefined;
    });
    expect(await committing).toBeInstanceOf(Error);
  } finally {
    await other.end();
  }
  expect(await contents()).toEqual(before);
  expect(await store.ledger.commit([batch])).toMatchObject({ stored: 2, repeatedBatches: 0 });
});
