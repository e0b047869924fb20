import { createTestDatabase } from '@event-tracker/testing';
import {
  type Commit,
  createFolds,
  createLedger,
  createPool,
  type Fold,
  type FoldRequest,
  type Folds,
  forgetLowMarks,
  type Ledger,
  type Pool,
  readShardCount,
} from '../../src/index.ts';

/** Several folds as one. */
export interface AllFolded extends Pick<Fold, 'counts' | 'recentKeywords'> {
  debtIds: number[];
}

export interface TestLedger {
  url: string;
  pool: Pool;
  ledger: Ledger;
  folds: Folds;
  /** Commits, and adds up all that waits. */
  commitAndFold(...args: Parameters<Ledger['commit']>): Promise<Commit & AllFolded>;
  /** Adds up all that waits, in as many folds as it takes; answers them as one. */
  foldAll(): Promise<AllFolded>;
  /** Empties all that commits and folds write. */
  empty(): Promise<void>;
  rows<Row extends object>(query: string, values?: unknown[]): Promise<Row[]>;
  close(): Promise<void>;
}

const written = [
  ...['batch', 'event_key', 'event', 'event_day', 'event_hour', 'event_check', 'producer', 'dead_letter'],
  ...[
    'pending_change',
    'pending_entry',
    'view_debt',
    'statistic',
    'subject_count',
    'like_state',
    'like_count',
  ],
];

/** Lets the books pass for shown what no view of the test shows. */
const showAll = `
  update view_debt set xids = null
  where debt_id in (
    select debt_id from view_debt where xids is not null order by debt_id for update skip locked)`;

/** A ledger over an empty database of the test file's own. */
export async function openTestLedger({ connections = 4, now = Date.now } = {}): Promise<TestLedger> {
  const database = await createTestDatabase();
  const pool = createPool({
    url: database.url,
    applicationName: 'ledger-test',
    max: connections,
    connectTimeoutMs: 5000,
    queryTimeoutMs: 15_000,
    onError: () => {},
  });
  const shards = await readShardCount(pool);
  const ledger = createLedger({ pool, now });
  const folds = createFolds(pool);
  async function foldAll(): Promise<AllFolded> {
    const all: AllFolded = { counts: [], recentKeywords: [], debtIds: [] };
    for (let more = true; more; ) {
      const fold = await folds.fold(everything(shards));
      more = fold.changes > 0;
      all.counts.push(...fold.counts);
      all.recentKeywords.push(...fold.recentKeywords);
      if (fold.debtId !== undefined) all.debtIds.push(fold.debtId);
    }
    await pool.query(showAll);
    for (let entries = 1; entries > 0; ) entries = (await folds.enter(1000, [])).entries;
    return all;
  }
  return {
    url: database.url,
    pool,
    ledger,
    folds,
    foldAll,
    async commitAndFold(...args) {
      const commit = await ledger.commit(...args);
      return { ...commit, ...(await foldAll()) };
    },
    async empty() {
      await pool.query(`truncate ${written.join(', ')}`);
      await forgetLowMarks(pool);
    },
    rows: async (query, values) => (await pool.query(query, values)).rows,
    async close() {
      await pool.end();
      await database.drop();
    },
  };
}

/** A fold of all shards that leaves nothing and waits for nothing. */
export const everything = (shards: number): FoldRequest => ({
  shards: Array.from({ length: shards }, (_, shard) => shard),
  rowsMax: 1000,
  changesMax: 20_000,
  everyMs: 0,
});

/** What the tables of the ledger add up to, in events; batches in batches. */
export interface Totals {
  batches: number;
  received: number;
  stored: number;
  duplicate: number;
  events: number;
  counted: number;
  perMinute: number;
  perHour: number;
  perDay: number;
}

export async function totals(pool: Pool): Promise<Totals> {
  const { rows } = await pool.query<Totals>(`
    select
      (select count(*) from batch) as batches,
      (select coalesce(sum(received), 0)::bigint from producer) as received,
      (select coalesce(sum(stored), 0)::bigint from producer) as stored,
      (select coalesce(sum(duplicate), 0)::bigint from producer) as duplicate,
      (select count(*) from event) as events,
      (select coalesce(sum(count), 0)::bigint from statistic) as counted,
      coalesce(sum(count) filter (where grain = 'minute'), 0)::bigint as "perMinute",
      coalesce(sum(count) filter (where grain = 'hour'), 0)::bigint as "perHour",
      coalesce(sum(count) filter (where grain = 'day'), 0)::bigint as "perDay"
    from subject_count`);
  return rows[0]!;
}

/** The totals of a ledger that stored so many events, each of which counts, from so many batches. */
export function totalsOf({ batches, events }: { batches: number; events: number }): Totals {
  return {
    batches,
    received: events,
    stored: events,
    duplicate: 0,
    events,
    counted: events,
    perMinute: events,
    perHour: events,
    perDay: events,
  };
}
