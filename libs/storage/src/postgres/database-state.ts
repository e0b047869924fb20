import type { Pool } from './pool.ts';
import { statement } from './sql.ts';

export interface DatabaseState {
  bytes: number;
  /** Daily partitions that today and the two days after it lack. */
  partitionsMissing: number;
  /** Not replayed; 10,000 at most are counted. */
  deadLetters: number;
  /** Null: every commit is shown. */
  oldestDebtSeconds: number | null;
}

const databaseState = statement('database-state');

export async function readDatabaseState(pool: Pool, now: number): Promise<DatabaseState> {
  const today = new Date(now).toISOString().slice(0, 10);
  const { rows } = await pool.query<DatabaseState>({ ...databaseState, values: [today] });
  return rows[0]!;
}
