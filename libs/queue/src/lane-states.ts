import { readFileSync } from 'node:fs';
import type { Queue } from 'bullmq';
import type pg from 'pg';
import { durableLaneName } from './names.ts';

/** Batches that are not completed, by what becomes of them. */
export interface LaneStates {
  /** Nobody has taken them yet. */
  waiting: number;
  /** Workers have them. */
  held: number;
  /** Wait for another try after one that failed, or for a newer worker. */
  failed: number;
}

export async function readBullStates(queue: Queue): Promise<LaneStates> {
  const counts = await queue.getJobCounts('wait', 'prioritized', 'active', 'delayed', 'failed');
  const sum = (...states: string[]) => states.reduce((total, state) => total + (counts[state] ?? 0), 0);
  return {
    waiting: sum('wait', 'prioritized'),
    held: sum('active'),
    failed: sum('delayed', 'failed'),
  };
}

const durableStates = readFileSync(new URL('queries/durable-lane-states.sql', import.meta.url), 'utf8');

export async function readDurableStates(pool: pg.Pool): Promise<LaneStates> {
  const { rows } = await pool.query<LaneStates>(durableStates, [durableLaneName]);
  return rows[0]!;
}
