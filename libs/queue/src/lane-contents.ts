import { readFileSync } from 'node:fs';
import type { Redis } from 'ioredis';
import type pg from 'pg';
import { durableLaneName, fastLaneName, quarantineName, queueKey, readJobId } from './names.ts';

/** The batches on a lane that are not completed, with their numbers of events. */
export type LaneContents = Map<string, number>;

const lists = ['wait', 'active', 'paused'];
const sortedSets = ['delayed', 'prioritized', 'failed'];

export const readFastLane = (redis: Redis): Promise<LaneContents> => readQueue(redis, fastLaneName);

/** What both lanes have handed on; so it is read after them. */
export const readQuarantine = (redis: Redis): Promise<LaneContents> => readQueue(redis, quarantineName);

/** Every job that is not completed, seen at one moment: a job that moves meanwhile is neither missed nor met twice. */
async function readQueue(redis: Redis, name: string): Promise<LaneContents> {
  const transaction = redis.multi();
  for (const state of lists) transaction.lrange(queueKey(name, state), 0, -1);
  for (const state of sortedSets) transaction.zrange(queueKey(name, state), 0, '-1');
  const replies = await transaction.exec();
  const contents: LaneContents = new Map();
  for (const [cause, ids] of replies ?? []) {
    if (cause) throw cause;
    for (const id of ids as string[]) {
      const read = readJobId(id);
      if (read) contents.set(read.batchId, read.count);
    }
  }
  return contents;
}

const durableContents = readFileSync(new URL('queries/durable-lane-contents.sql', import.meta.url), 'utf8');

/** Every job of the durable lane that is not completed. */
export async function readDurableLane(pool: pg.Pool): Promise<LaneContents> {
  const { rows } = await pool.query<{ key: string | null }>(durableContents, [durableLaneName]);
  const read = rows.map(({ key }) => readJobId(key ?? '')).filter((job) => job !== undefined);
  return new Map(read.map(({ batchId, count }) => [batchId, count]));
}
