import { type LaneMeasure, measureDurableLane } from '@event-tracker/queue';
import { plainArray } from '../arrays.ts';
import type { Pool } from '../pool.ts';
import { statement } from '../sql.ts';
import { inTransaction } from '../transaction.ts';
import { knownVersions } from './pending-version.ts';

/** What was committed and waits to be added up. */
export interface FoldBacklog {
  /** Events that are not in the books yet, and may be in no statistic. */
  waiting: number;
  /** Age of the oldest that a fold would take; 0 without any. */
  oldestSeconds: number;
}

const foldBacklog = statement('fold-backlog');

const values = [plainArray(knownVersions)];

export async function measureFolds(pool: Pool): Promise<FoldBacklog> {
  const { rows } = await pool.query<FoldBacklog>({ ...foldBacklog, values });
  return rows[0]!;
}

/** The durable lane, too, in one transaction: it is asked for all the time. */
export function measureWhatWaits(pool: Pool): Promise<{ durable: LaneMeasure; fold: FoldBacklog }> {
  return inTransaction(pool, async (send, execute) => {
    const [durable, folds] = await Promise.all([
      measureDurableLane({ query: execute }),
      send<FoldBacklog>(foldBacklog, values),
    ]);
    return { durable, fold: folds[0]! };
  });
}
