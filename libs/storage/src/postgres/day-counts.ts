import type { Pool } from './pool.ts';
import { statement } from './sql.ts';

const daysToCount = statement('days-to-count');
const beginDayCount = statement('begin-day-count');
const countDay = statement('count-day');
const keepDayCount = statement('keep-day-count');

/**
 * A day is over for its counting this long after its midnight, in milliseconds: a commit takes an event for late by the
 * clock of its worker, as of some moment before it ends. Longer than any commit and than clocks differ.
 */
const marginMs = 3_600_000;
const countLimitMs = 600_000;

/**
 * Counts the days that are over and have no count. A day that is marked by a late commit meanwhile is left for the next
 * time.
 *
 * Each of the three steps is a transaction of its own. With M the moment when a late commit marks the day (which locks
 * the day's row until that commit ends), a kept count is never short of what the same snapshot sees in `event`:
 *
 *   M before `begin`: `begin` waits for the commit's end, so `count` sees its events
 *   M between `begin` and `keep`: `keep` waits for the commit's end, finds one late commit more, and keeps nothing
 *   M after `keep`: the mark takes the count away in the transaction that makes its events visible
 */
export async function countClosedDays(pool: Pool): Promise<number> {
  const { rows: days } = await pool.query<{ day: string }>({ ...daysToCount, values: [marginMs] });
  let kept = 0;
  for (const { day } of days) {
    const begun = await pool.query<{ late_commits: number }>({ ...beginDayCount, values: [day] });
    const values = [day, await countRows(pool, day), begun.rows[0]!.late_commits];
    kept += (await pool.query({ ...keepDayCount, values })).rowCount ?? 0;
  }
  return kept;
}

/** A day of a busy site takes longer than other statements may. */
async function countRows(pool: Pool, day: string): Promise<number> {
  const client = await pool.connect();
  try {
    await client.query(`set statement_timeout = ${countLimitMs}`);
    const count = { ...countDay, values: [day], query_timeout: countLimitMs };
    const { rows } = await client.query<{ rows: number }>(count);
    return rows[0]!.rows;
  } finally {
    // The setting ends with its session.
    client.release(true);
  }
}
