import type { Pool } from './pool.ts';
import { statement } from './sql.ts';

const openSpans = statement('open-spans');
const checkDay = statement('check-day');

/**
 * An hour is compared this long after its end, in milliseconds. Late events may come at any time, and are added to what was
 * compared: earlier, only more of them would be counted twice.
 */
const marginMs = 300_000;
const countLimitMs = 600_000;

interface OpenSpan {
  day: string;
  /** Milliseconds since the epoch. */
  from: number;
  to: number;
  /** The day is over: all of it is counted, whatever of it was before. */
  fresh: boolean;
}

/**
 * Compares the rows of `event` with the books: of today hour by hour, of a day that is over as a whole, once. One process
 * at a time. What is entered is the difference between what one snapshot of `event` holds, and what it shows as added up
 * and as waiting. Adding up what waits changes no difference, so neither folds nor late events need to be held up.
 *
 * @returns how many days were looked at
 */
export async function checkDays(pool: Pool): Promise<number> {
  const client = await pool.connect();
  try {
    // A day of a busy site takes longer than other statements may.
    await client.query(`set statement_timeout = ${countLimitMs}`);
    const { rows: spans } = await client.query<OpenSpan>({ ...openSpans, values: [marginMs] });
    for (const { day, from, to, fresh } of spans) {
      const check = { ...checkDay, values: [day, from, to, fresh], query_timeout: countLimitMs };
      await client.query(check);
    }
    return spans.length;
  } finally {
    // The setting ends with its session.
    client.release(true);
  }
}
