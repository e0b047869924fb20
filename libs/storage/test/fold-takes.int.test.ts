import { afterAll, afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { createFolds, createPool, type Fold, type Pool, readPendingWork } from '../src/index.ts';
import { everything, openTestLedger, type TestLedger } from './support/test-ledger.ts';

// What a fold reads, by PostgreSQL's own books: times depend on what else a machine does.

let store: TestLedger;
let one: Pool;

beforeEach(async () => {
  store ??= await openTestLedger({ connections: 4 });
  await store.empty();
  await store.rows('vacuum (analyze) pending_change');
  one = createPool({
    url: store.url,
    applicationName: 'one-session',
    max: 1,
    connectTimeoutMs: 5000,
    queryTimeoutMs: 15_000,
    onError: () => {},
  });
});
afterEach(() => one.end());
afterAll(() => store.close());

/** Rows of one change each, spread over the shards, as so many commits append them. */
async function append(rows: number, commits = 1): Promise<void> {
  for (let commit = 0; commit < commits; commit += 1)
    await store.rows(
      `insert into pending_change (shard, size, version, count_minutes, count_types, count_subjects, count_components,
         count_values)
       select n % 8, 1, 1, array[extract(epoch from now())::bigint / 60]::integer[], array['CLICK'],
         array[lpad((n % 40)::text, 16, '0')], array[n % 40], array[1]
       from generate_series(1, $1::integer) as n`,
      [rows],
    );
}

/** Index entries of the queue that the session has read so far. */
async function entriesRead(): Promise<number> {
  await one.query('select pg_stat_force_next_flush()');
  const { rows } = await one.query<{ read: number }>(
    "select idx_tup_read as read from pg_stat_user_indexes where indexrelname = 'pending_change_order'",
  );
  return rows[0]!.read;
}

interface Take {
  fold: Fold;
  /** Index entries. */
  read: number;
  ms: number;
}

async function take(rowsMax: number): Promise<Take> {
  const before = await entriesRead();
  const began = performance.now();
  const fold = await createFolds(one).fold({ ...everything(8), rowsMax });
  const ms = performance.now() - began;
  return { fold, ms, read: (await entriesRead()) - before };
}

async function takes(count: number, rowsMax: number): Promise<Take[]> {
  const all: Take[] = [];
  for (let made = 0; made < count; made += 1) all.push(await take(rowsMax));
  return all;
}

const least = (all: readonly Take[]) => Math.min(...all.map(({ ms }) => ms));

const seqScans = async () => {
  await one.query('select pg_stat_force_next_flush()');
  const { rows } = await one.query<{ scans: number }>(
    "select seq_scan as scans from pg_stat_user_tables where relname = 'pending_change'",
  );
  return rows[0]!.scans;
};

test('a take from 300,000 rows by a session that planned it over an empty table reads what it takes', async () => {
  // Past the five plans that PostgreSQL makes for given parameters before it settles for a general one.
  await takes(8, 500);
  await append(1000, 300);
  const scans = await seqScans();
  const [first, ...others] = await takes(6, 500);
  for (const { fold, read } of [first!, ...others]) {
    expect(fold).toMatchObject({ changes: 500, more: true });
    // At most `rowsMax` of each shard, and what the take before has left dead.
    expect(read).toBeLessThanOrEqual(2 * 8 * 500);
  }
  expect(await seqScans()).toBe(scans);
  expect(least(others)).toBeLessThan(200);
});

test('work that waits is looked at by a plan for any number of rows, too', async () => {
  for (let looks = 0; looks < 8; looks += 1) await readPendingWork(one);
  await append(20_000);
  await createFolds(one).fold({ ...everything(8), rowsMax: 10_000 });
  const scans = await seqScans();
  const work = await readPendingWork(one);
  expect(work.reduce((sum, { rows }) => sum + rows, 0)).toBe(10_000);
  expect(await seqScans()).toBe(scans);
});

describe('while a REPEATABLE READ session is open', () => {
  test('takes stay as quick as they were, for the marks move on past what it keeps from being vacuumed', async () => {
    await append(8);
    await take(1000);
    const reader = await store.pool.connect();
    try {
      await reader.query('set idle_in_transaction_session_timeout = 0');
      await reader.query('begin isolation level repeatable read; select from event limit 1');
      const marks = () =>
        store.rows<{ low: number }>('select low_xid::text::bigint as low from fold_shard order by shard');
      const before = await marks();
      const early: Take[] = [];
      let late: Take[] = [];
      // Marks wait for transactions of other databases, too: those of tests that run beside this one end at some time.
      for (let rounds = 0; late.length < 20 && rounds < 1000; rounds += 1) {
        await append(160);
        const taken = await take(1000);
        expect(taken.fold.changes).toBe(160);
        if (rounds < 20) early.push(taken);
        if (rounds >= 100) late = taken.read <= 2 * 160 + 50 ? [...late, taken] : [];
      }
      expect(late).toHaveLength(20);
      await store.rows('vacuum pending_change');
      const dead = await store.rows<{ dead: number }>(
        "select count(*) as dead from generate_series(0, (pg_relation_size('pending_change') / 8192)::integer - 1)",
      );
      // What was taken is still there for the reader: pages of it.
      expect(dead[0]!.dead).toBeGreaterThan(100);
      expect(least(late)).toBeLessThan(4 * least(early) + 10);
      for (const [shard, { low }] of (await marks()).entries())
        expect(low).toBeGreaterThan(before[shard]!.low + 100);
      await reader.query('commit');
    } finally {
      reader.release(true);
    }
  });

  test('what a writer appends whose transaction began before many folds is taken when it commits', async () => {
    const writer = await store.pool.connect();
    try {
      await writer.query('begin');
      await writer.query(
        `insert into pending_change (shard, size, version, recent_users, recent_keywords, recent_times)
         values (3, 1, 1, '{1}', '{late}', '{1}')`,
      );
      for (let rounds = 0; rounds < 20; rounds += 1) {
        await append(16);
        await take(1000);
      }
      await writer.query('commit');
    } finally {
      writer.release();
    }
    expect((await take(1000)).fold.recentKeywords).toEqual([{ userId: 1, keyword: 'late', occurredAt: 1 }]);
  });
});

test('marks of other transaction ids, as a restored database brings them, are taken back by a thorough look', async () => {
  await append(16);
  await store.rows("update fold_shard set low_xid = '900000000000'");
  expect((await take(1000)).fold.changes).toBe(0);
  expect(await readPendingWork(store.pool)).toEqual([]);
  expect((await readPendingWork(store.pool, true)).reduce((sum, { rows }) => sum + rows, 0)).toBe(16);
  expect((await take(1000)).fold.changes).toBe(16);
});

test('rows of a version that this release does not know are left, told apart, and keep no others', async () => {
  await append(8);
  await store.rows('update pending_change set version = 99 where shard < 4');
  await append(16);
  expect((await take(1000)).fold.changes).toBe(4 + 16);
  expect((await take(1000)).fold).toMatchObject({ changes: 0, more: false });
  const work = await readPendingWork(store.pool);
  expect(work.map(({ rows, unknown }) => [rows, unknown])).toEqual([0, 1, 2, 3].map(() => [0, 1]));
  await store.rows('update pending_change set version = 1');
  expect((await take(1000)).fold.changes).toBe(4);
});
