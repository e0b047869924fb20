import { plainArray } from '../arrays.ts';
import type { Pool } from '../pool.ts';
import { statement } from '../sql.ts';
import { knownVersions } from './pending-version.ts';

/** What waits to be added up, in one shard or, without a shard, in the books. */
export interface PendingWork {
  shard: number | null;
  /** Of versions that this release knows. */
  rows: number;
  changes: number;
  /** Age of the oldest of these rows, in milliseconds. */
  oldestMs: number;
  /** Since the last fold that took anything of it, or since something waits; in milliseconds. */
  stalledMs: number;
  /** Rows that wait for a newer worker. */
  unknown: number;
}

const pendingWork = statement('pending-work');
const forgetLowMarksStatement = statement('forget-low-marks');
const countShards = statement('count-shards');
const endStoppedFoldsStatement = statement('end-stopped-folds');
const leaveDaysToCountStatement = statement('leave-days-to-count');

/**
 * Where anything waits to be added up.
 *
 * @param thoroughly looks below the marks, too, and takes them back where a row lies there
 */
export async function readPendingWork(pool: Pool, thoroughly = false): Promise<PendingWork[]> {
  const { rows } = await pool.query<PendingWork & { below: boolean }>({
    ...pendingWork,
    values: [plainArray(knownVersions), thoroughly],
  });
  if (rows.some(({ below }) => below)) await forgetLowMarks(pool);
  return rows;
}

/** At the start of a worker: the database may be a restored one, whose transaction ids began anew. */
export async function forgetLowMarks(pool: Pool): Promise<void> {
  await pool.query({ ...forgetLowMarksStatement });
}

/** How many shards there are: as many as the migration made. */
export async function readShardCount(pool: Pool): Promise<number> {
  const { rows } = await pool.query<{ shards: number }>({ ...countShards });
  return rows[0]!.shards;
}

/** Ends the folds of processes that stopped in the middle of reading a result. Answers how many. */
export async function endStoppedFolds(pool: Pool, afterMs: number): Promise<number> {
  const { rows } = await pool.query<{ ended: number }>({ ...endStoppedFoldsStatement, values: [afterMs] });
  return rows[0]!.ended;
}

/** On the way back to a release that counts days by itself. */
export async function leaveDaysToCount(pool: Pool): Promise<void> {
  await pool.query({ ...leaveDaysToCountStatement });
}
