import { afterAll, beforeAll, beforeEach, describe, expect, test } from '@jest/globals';
import { createBooksReader } from '../src/index.ts';
import { aBatch, anEvent } from './support/builders.ts';
import { commitSome, expectExact, foldAway, isDone, makeUnlockedFold, shards } from './support/fold-away.ts';
import { someEvents } from './support/some-events.ts';
import { everything, openTestLedger, type TestLedger } from './support/test-ledger.ts';

let store: TestLedger;

beforeAll(async () => {
  store = await openTestLedger({ connections: 24 });
  await makeUnlockedFold(store);
});
beforeEach(() => store.empty());
afterAll(() => store.close());

async function foldWhileCommitting(fold: string, folders: readonly (readonly number[])[]): Promise<void> {
  let committed = false;
  await Promise.all([
    Promise.all(Array.from({ length: 4 }, () => commitSome(store, 12, 30))).finally(() => (committed = true)),
    ...folders.map((of) => foldAway(store, fold, of, () => committed)),
  ]);
  await expectExact(store, 4 * 12 * 30);
}

describe('folds of the same shards at once', () => {
  test('count each change once', () => foldWhileCommitting('fold', [shards, shards, shards, shards]));

  test('count each change once without the locks, too', () =>
    foldWhileCommitting('unlocked_fold', [shards, shards, shards, shards]));

  test('do so where all of them are after one shard, which has rows enough for each', async () => {
    for (let commits = 0; commits < 60; commits += 1)
      await store.ledger.commit([aBatch([anEvent({ componentId: 5 }), anEvent({ componentId: 5 })])]);
    const { shard } = (await store.rows<{ shard: number }>('select distinct shard from pending_change'))[0]!;
    const taken = await Promise.all(
      Array.from({ length: 6 }, () => foldAway(store, 'unlocked_fold', [shard], () => true)),
    );
    await expectExact(store, 120);
    // Of the same minute: one change a commit.
    expect(taken.reduce((sum, changes) => sum + changes, 0)).toBeGreaterThanOrEqual(60);
  });

  test('leave a shard that another one holds, and say so', async () => {
    await store.ledger.commit([aBatch([anEvent()])]);
    const other = await store.pool.connect();
    try {
      await other.query('begin');
      await other.query(
        "select pg_advisory_xact_lock(hashtext('event_tracker.fold'), shard) from fold_shard",
      );
      expect(await store.folds.fold(everything(8))).toMatchObject({ shards: [], held: true, changes: 0 });
      await other.query('rollback');
    } finally {
      other.release();
    }
    expect(await store.folds.fold(everything(8))).toMatchObject({ shards, held: false, changes: 1 });
  });

  test('leave a shard of which something was added up just now, and take one at once that was empty', async () => {
    const soon = { ...everything(8), everyMs: 60_000 };
    await store.rows('update fold_shard set folded_at = default');
    expect(await store.folds.fold(soon)).toMatchObject({ held: false, changes: 0 });
    await store.ledger.commit([aBatch([anEvent()])]);
    expect(await store.folds.fold(soon)).toMatchObject({ held: false, changes: 1 });
    await store.ledger.commit([aBatch([anEvent()])]);
    expect(await store.folds.fold(soon)).toMatchObject({ held: true, changes: 0 });
    // Of a clock that was set back.
    await store.rows("update fold_shard set folded_at = now() + interval '1 hour'");
    expect(await store.folds.fold(soon)).toMatchObject({ held: false, changes: 1 });
  });
});

test('folds that are killed at any moment lose nothing, and count nothing twice', async () => {
  let committed = false;
  let killed = 0;
  const folding = async () => {
    for (;;) {
      const last = committed;
      let changes = 1;
      await isDone(
        store.folds.fold({ ...everything(8), rowsMax: 4 }).then((fold) => (changes = fold.changes)),
      );
      await isDone(store.folds.enter(5, []));
      if (last && changes === 0) return;
    }
  };
  const killing = async () => {
    while (!committed) {
      const [found] = await store.rows<{ killed: number }>(
        `select count(*) filter (where pg_terminate_backend(pid)) as killed
         from (
           select pid from pg_stat_activity
           where datname = current_database() and state = 'active' and pid <> pg_backend_pid()
             and query ~ '^-- (Adds up what commits|Enters commits)'
           order by random() limit 1
         ) as folds`,
      );
      killed += found!.killed;
    }
  };
  await Promise.all([
    Promise.all(Array.from({ length: 3 }, () => commitSome(store, 25, 20))).finally(() => (committed = true)),
    folding(),
    folding(),
    killing(),
  ]);
  expect(killed).toBeGreaterThan(5);
  await expectExact(store, 3 * 25 * 20);
});

test('the books balance at any moment, whatever commits and folds are under way', async () => {
  const reader = createBooksReader(store.pool);
  let committed = false;
  const repeated = Array.from({ length: 30 }, () => anEvent({ clientId: true }));
  const committing = async () => {
    for (let commits = 0; commits < 25; commits += 1) {
      const events = someEvents(12);
      const again = repeated.slice(commits % 25, (commits % 25) + 3).map((event) => ({ ...event }));
      await store.ledger.commit(
        [aBatch([...events, ...again])],
        new Map([[events[0]!, { code: '22000', reason: 'bad' }]]),
      );
    }
  };
  const folding = async () => {
    while (!committed) {
      const { debtId } = await store.folds.fold({ ...everything(8), rowsMax: 5 });
      await store.folds.enter(7, debtId === undefined ? [] : [debtId]);
    }
  };
  let looks = 0;
  const looking = async () => {
    while (!committed) {
      const books = await reader.read(await reader.acknowledged(), new Map());
      const { received, stored, duplicate, dead, waiting, rows, uncommitted } = books;
      expect({ received, rows, uncommitted }).toEqual({
        received: stored + duplicate + dead + waiting,
        rows: stored,
        uncommitted: 0,
      });
      looks += 1;
    }
  };
  await Promise.all([
    Promise.all([committing(), committing(), committing()]).finally(() => (committed = true)),
    folding(),
    folding(),
    looking(),
    looking(),
  ]);
  expect(looks).toBeGreaterThan(10);
  await store.foldAll();
  const { received, stored, duplicate, dead, waiting } = await reader.read(new Map(), new Map());
  expect([received, dead, waiting]).toEqual([3 * 25 * 15, 75, 0]);
  expect(stored + duplicate).toBe(received - dead);
});
