import type { Pool, PoolClient } from './pool.ts';
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

export interface CountedAtOnce {
  /** Once so many rows were counted, the other days are left for the next time. */
  rowsMax: number;
  /** Days that are over for longer alone; in milliseconds. */
  overForMs?: number;
}

/**
 * Counts the days that are over and have no count, some at a time: late events may come to any of the days that are kept,
 * and each of them takes its day's count away. A day that is marked by a late commit meanwhile is left for the next
 * time. Answers how many were kept.
 *
 * Each of the three steps is a transaction of its own. With M the moment when a late commit marks the day (which locks
 * the day's row until that commit ends), a kept count is never short of what the same snapshot sees in `event`:
 *
 *   M before `begin`: `begin` waits for the commit's end, so `count` sees its events
 *   M between `begin` and `keep`: `keep` waits for the commit's end, finds one late commit more, and keeps nothing
 *   M after `keep`: the mark takes the count away in the transaction that makes its events visible
 */
export async function countClosedDays(
  pool: Pool,
  { rowsMax, overForMs = 0 }: CountedAtOnce,
): Promise<number> {
  const client = await pool.connect();
  try {
    // A day of a busy site takes longer than other statements may.
    await client.query(`set statement_timeout = ${countLimitMs}`);
    const { rows: days } = await client.query<{ day: string }>({
      ...daysToCount,
      values: [Math.max(marginMs, overForMs)],
    });
    let kept = 0;
    let rows = 0;
    for (const { day } of days) {
      const counted = await countClosedDay(client, day);
      kept += counted.kept;
      rows += counted.rows;
      if (rows >= rowsMax) break;
    }
    return kept;
  } finally {
    // The setting ends with its session.
    client.release(true);
  }
}

async function countClosedDay(client: PoolClient, day: string): Promise<{ rows: number; kept: number }> {
  const begun = await client.query<{ late_commits: number }>({ ...beginDayCount, values: [day] });
  const count = { ...countDay, values: [day], query_timeout: countLimitMs };
  const counted = await client.query<{ rows: number }>(count);
  const { rows } = counted.rows[0]!;
  const values = [day, rows, begun.rows[0]!.late_commits];
  return { rows, kept: (await client.query({ ...keepDayCount, values })).rowCount ?? 0 };
}
