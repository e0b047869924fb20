import type { Pool } from './pool.ts';
import { statement } from './sql.ts';

const batchIsCommitted = statement('batch-is-committed');

/** Whether a batch was committed, as far as its row is still kept. */
export async function isBatchCommitted(pool: Pool, batchId: string): Promise<boolean> {
  const { rows } = await pool.query<{ committed: boolean }>({ ...batchIsCommitted, values: [batchId] });
  return rows[0]!.committed;
}
