import { readFileSync } from 'node:fs';
import type { Redis } from 'ioredis';
import type pg from 'pg';
import { durableLaneName, fastLaneName, lanePrefix, readJobId } from './names.ts';

/** The batches on a lane that are not completed, with their numbers of events. */
export type LaneContents = Map<string, number>;

const lists = ['wait', 'active', 'paused'];
const sortedSets = ['delayed', 'prioritized', 'failed'];

/** Every job that is not completed, seen at one moment: a job that moves meanwhile is neither missed nor met twice. */
export async function readFastLane(redis: Redis): Promise<LaneContents> {
  const transaction = redis.multi();
  for (const state of lists) transaction.lrange(laneKey(state), 0, -1);
  for (const state of sortedSets) transaction.zrange(laneKey(state), 0, '-1');
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

/** Up to so many jobs are counted one by one; more are measured by ten runs of a hundred, evenly spread. */
const countedMax = 1000;
const sampleRuns = 10;
const runLength = countedMax / sampleRuns;

/** About how many events wait on the lane: exact up to 1,000 waiting jobs, beyond that by a sample. */
export async function measureBacklog(redis: Redis): Promise<number> {
  const states = [
    {
      length: () => redis.llen(laneKey('wait')),
      ids: (from: number, to: number) => redis.lrange(laneKey('wait'), from, to),
    },
    {
      length: () => redis.zcard(laneKey('delayed')),
      ids: (from: number, to: number) => redis.zrange(laneKey('delayed'), from, `${to}`),
    },
  ];
  const events = await Promise.all(states.map(async ({ length, ids }) => measure(await length(), ids)));
  return events.reduce((sum, count) => sum + count, 0);
}

async function measure(
  length: number,
  ids: (from: number, to: number) => Promise<string[]>,
): Promise<number> {
  if (length <= countedMax) return sumOfCounts(await ids(0, -1));
  const runs = Array.from({ length: sampleRuns }, (_, run) =>
    Math.floor((run * (length - runLength)) / (sampleRuns - 1)),
  );
  const sample = await Promise.all(runs.map((from) => ids(from, from + runLength - 1)));
  return Math.round((sumOfCounts(sample.flat()) / countedMax) * length);
}

function sumOfCounts(jobIds: string[]): number {
  return jobIds.reduce((sum, id) => sum + (readJobId(id)?.count ?? 0), 0);
}

function laneKey(state: string): string {
  return `${lanePrefix}:${fastLaneName}:${state}`;
}

const durableContents = readFileSync(new URL('queries/durable-lane-contents.sql', import.meta.url), 'utf8');
const durableBacklog = readFileSync(new URL('queries/durable-lane-backlog.sql', import.meta.url), 'utf8');
const durableCountedMax = 5000;

/** Every job of the durable lane that is not completed. */
export async function readDurableLane(pool: pg.Pool): Promise<LaneContents> {
  const { rows } = await pool.query<{ key: string | null }>(durableContents, [durableLaneName]);
  const read = rows.map(({ key }) => readJobId(key ?? '')).filter((job) => job !== undefined);
  return new Map(read.map(({ batchId, count }) => [batchId, count]));
}

/** About how many events wait on the durable lane: exact up to 5,000 waiting jobs. */
export async function measureDurableBacklog(pool: pg.Pool): Promise<number> {
  const { rows } = await pool.query<{ events: number }>(durableBacklog, [durableLaneName, durableCountedMax]);
  return Number(rows[0]!.events);
}
