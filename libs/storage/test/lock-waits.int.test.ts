import { randomUUID } from 'node:crypto';
import { until } from '@event-tracker/testing';
import { afterAll, beforeAll, beforeEach, describe, expect, test } from '@jest/globals';
import { aBatch, aLike, anEvent, anUnlike, aSearch } from './support/builders.ts';
import { commitSome, expectExact, foldAway, shards } from './support/fold-away.ts';
import { lockWaitsDuring } from './support/lock-waits.ts';
import { openTestLedger, type TestLedger } from './support/test-ledger.ts';

let store: TestLedger;

beforeAll(async () => {
  store = await openTestLedger({ connections: 24 });
});
beforeEach(() => store.empty());
afterAll(() => store.close());

describe('nobody waits', () => {
  test('for another fold, with all shards folded at once, beside commits', async () => {
    let committed = false;
    const { looks, waits } = await lockWaitsDuring(store.url, () =>
      Promise.all([
        Promise.all(Array.from({ length: 4 }, () => commitSome(store, 20, 40))).finally(
          () => (committed = true),
        ),
        ...shards.map((shard) => foldAway(store, 'fold', [shard], () => committed)),
      ]),
    );
    expect(looks).toBeGreaterThan(20);
    expect(waits).toEqual([]);
    await expectExact(store, 4 * 20 * 40);
  });

  test('for another commit: not over subjects, pairs, producers, nor minutes', async () => {
    const producer = randomUUID();
    const sameEvents = () => [
      ...Array.from({ length: 20 }, () => anEvent()),
      aSearch('cat', { userId: 1 }),
      aLike(1, 7),
      anUnlike(1, 7),
      anEvent({ clientId: true }),
    ];
    const { looks, waits } = await lockWaitsDuring(store.url, () =>
      Promise.all(
        Array.from({ length: 16 }, async () => {
          for (let commits = 0; commits < 15; commits += 1)
            await store.ledger.commit([aBatch(sameEvents(), { producer })]);
        }),
      ),
    );
    expect(looks).toBeGreaterThan(20);
    expect(waits).toEqual([]);
    await expectExact(store, 16 * 15 * 24);
  });

  test('but for a commit that holds the same id of a client, until it is known whose it is', async () => {
    const eventId = randomUUID();
    const other = await store.pool.connect();
    let waiting: Promise<unknown> | undefined;
    const { waits } = await lockWaitsDuring(store.url, async () => {
      await other.query('begin');
      await other.query('insert into event_key (event_id) values ($1)', [eventId]);
      waiting = store.ledger.commit([aBatch([anEvent({ eventId, clientId: true })])]);
      await until(
        async () =>
          (
            await store.rows(
              "select from pg_stat_activity where datname = current_database() and wait_event = 'transactionid'",
            )
          ).length > 0,
      );
      await other.query('rollback');
    });
    other.release();
    expect(await waiting).toMatchObject({ stored: 1 });
    expect(waits.join()).toContain('transactionid');
  });
});
