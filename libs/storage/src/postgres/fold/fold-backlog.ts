import { plainArray } from '../arrays.ts';
import type { Pool } from '../pool.ts';
import { statement } from '../sql.ts';
import { knownVersions } from './pending-version.ts';

/** What was committed and waits to be added up. */
export interface FoldBacklog {
  /** Events that are not in the books yet, and may be in no statistic. */
  waiting: number;
  /** Age of the oldest that a fold would take; 0 without any. */
  oldestSeconds: number;
}

const foldBacklog = statement('fold-backlog');

export async function measureFolds(pool: Pool): Promise<FoldBacklog> {
  const { rows } = await pool.query<FoldBacklog>({ ...foldBacklog, values: [plainArray(knownVersions)] });
  return rows[0]!;
}
