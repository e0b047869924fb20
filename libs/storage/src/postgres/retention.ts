import pg from 'pg';
import { countClosedDays } from './day-counts.ts';
import type { Pool, PoolClient } from './pool.ts';
import { statement } from './sql.ts';

const expiredPartitions = statement('expired-partitions');
const dropPartition = statement('drop-partition');
const purgeSubjectCounts = statement('purge-subject-counts');

/** In milliseconds, from the end of the day, or from the start of the hour or day that a count is of. */
export interface RetentionLives {
  /** Of events, and of the counts by minute and all fields. */
  eventMs: number;
  /** Of counts by subject. Undefined: for ever. */
  minuteCountMs: number;
  hourCountMs: number | undefined;
  dayCountMs: number | undefined;
}

export interface Retired {
  partitions: number;
  /** Rows of counts by hour and day. */
  counts: number;
}

type Expired = { name: string; day: string; state: 'attached' | 'detaching' | 'detached' };

/** Says of a detached table that it is ours to drop: there may be others, which somebody has detached to keep. */
const mark = 'event_tracker: past its retention';

/** The partition of a busy day is counted before it goes. */
const statementLimitMs = 600_000;
const countsAtOnce = 10_000;

/**
 * Removes what is older than it is to be kept. One process at a time: the caller sees to it. Readers and writers go on:
 *
 *   attached ── detach concurrently ──▶ (detaching ── finalize ──▶) detached ── count and drop in one transaction ──▶
 *
 * Each step is found where an interrupted run has left it. The books go by the day's kept count until the drop enters
 * what went. An event of such a day that is replayed meanwhile finds no partition, and comes again until it can be made.
 */
export async function retire(pool: Pool, lives: RetentionLives): Promise<Retired> {
  await countClosedDays(pool, { rowsMax: Number.POSITIVE_INFINITY, overForMs: lives.eventMs });
  let partitions = 0;
  const client = await pool.connect();
  try {
    await client.query(`set statement_timeout = ${statementLimitMs}`);
    for (const [parent, lifeMs] of [
      ['event', lives.eventMs],
      ['statistic', lives.eventMs],
      ['subject_count_minute', lives.minuteCountMs],
    ] as const) {
      const { rows } = await client.query<Expired>({ ...expiredPartitions, values: [parent, lifeMs, mark] });
      for (const partition of rows) {
        await retirePartition(client, parent, partition);
        partitions += 1;
      }
    }
  } finally {
    // The setting ends with its session.
    client.release(true);
  }
  let counts = 0;
  for (const [grain, lifeMs] of [
    ['hour', lives.hourCountMs],
    ['day', lives.dayCountMs],
  ] as const) {
    if (lifeMs !== undefined) counts += await purgeCounts(pool, grain, lifeMs);
  }
  return { partitions, counts };
}

// `detach concurrently` can't be in a transaction, and so in no function, and takes no parameters.
async function retirePartition(client: PoolClient, parent: string, { name, day, state }: Expired) {
  const run = (text: string) => client.query({ text, query_timeout: statementLimitMs } as pg.QueryConfig);
  const table = pg.escapeIdentifier(name);
  if (state === 'attached') {
    await run(`comment on table ${table} is ${pg.escapeLiteral(mark)}`);
    await run(`alter table ${parent} detach partition ${table} concurrently`);
  } else if (state === 'detaching') {
    await run(`alter table ${parent} detach partition ${table} finalize`);
  }
  const values = [parent, day];
  await client.query({ ...dropPartition, values, query_timeout: statementLimitMs } as pg.QueryConfig);
}

async function purgeCounts(pool: Pool, grain: 'hour' | 'day', lifeMs: number): Promise<number> {
  let deleted = 0;
  for (let page = countsAtOnce; page === countsAtOnce; deleted += page)
    page = (await pool.query({ ...purgeSubjectCounts, values: [grain, lifeMs, countsAtOnce] })).rowCount ?? 0;
  return deleted;
}
