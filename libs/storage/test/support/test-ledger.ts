import { createTestDatabase } from '@event-tracker/testing';
import { createLedger, createPool, type Ledger, type Pool } from '../../src/index.ts';

export interface TestLedger {
  url: string;
  pool: Pool;
  ledger: Ledger;
  rows<Row extends object>(query: string, values?: unknown[]): Promise<Row[]>;
  close(): Promise<void>;
}

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
  return {
    url: database.url,
    pool,
    ledger: createLedger({ pool, now }),
    rows: async (query, values) => (await pool.query(query, values)).rows,
    async close() {
      await pool.end();
      await database.drop();
    },
  };
}

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
