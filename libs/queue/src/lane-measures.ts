import { readFileSync } from 'node:fs';
import { idMadeAt } from '@event-tracker/domain';
import type { Redis } from 'ioredis';
import { durableLaneName, fastLaneName, quarantineName, queueKey, readJobId } from './names.ts';

export interface LaneMeasure {
  /** Events of the batches that no worker holds: nobody took them yet, or they were given back. */
  waiting: number;
  /**
   * Age of the oldest batch that is not completed, waiting or held; 0 on an empty lane. So it tells of workers that hold
   * all there is and cannot store it.
   */
  oldestSeconds: number;
}

/** Up to so many jobs of a state are read one by one; more are measured by ten runs of a hundred, evenly spread. */
const countedMax = 1000;
const sampleRuns = 10;
const runLength = countedMax / sampleRuns;

/** Workers hold fewer, however many they are: what is beyond is as young as what is read. */
const heldMax = 1000;

interface State {
  length: 'llen' | 'zcard';
  ids: 'lrange' | 'zrange';
  key: string;
}

const waitingStates = (queue: string): State[] => [
  { length: 'llen', ids: 'lrange', key: queueKey(queue, 'wait') },
  { length: 'llen', ids: 'lrange', key: queueKey(queue, 'paused') },
  { length: 'zcard', ids: 'zrange', key: queueKey(queue, 'delayed') },
];

export const measureFastLane = (redis: Redis, now: number): Promise<LaneMeasure> =>
  measureQueue(redis, fastLaneName, now);

export const measureQuarantine = (redis: Redis, now: number): Promise<LaneMeasure> =>
  measureQueue(redis, quarantineName, now);

/**
 * About what waits on a queue in Redis: exact up to 1,000 waiting jobs, beyond that by a sample that holds both ends of the
 * queue. Everything is told by the jobs' ids, which say how many events a batch has and when it was made.
 */
async function measureQueue(redis: Redis, queue: string, now: number): Promise<LaneMeasure> {
  const states = waitingStates(queue);
  const lengths = await inOne(
    redis,
    states.map(({ length, key }) => [length, key]),
  );
  const reads = states.flatMap((state, index) => readsOf(state, Number(lengths[index]), index));
  const replies = (await inOne(redis, [
    ['lrange', queueKey(queue, 'active'), 0, heldMax - 1],
    ...reads.map(({ command }) => command),
  ])) as string[][];

  const [held = [], ...read] = replies;
  const waiting = states.map((_, index) => {
    const ids = read.filter((_ids, at) => reads[at]!.state === index).flat();
    const events = ids.reduce((sum, id) => sum + (readJobId(id)?.count ?? 0), 0);
    const length = Number(lengths[index]);
    return length <= countedMax ? events : Math.round((events / ids.length) * length);
  });
  return {
    waiting: waiting.reduce((sum, events) => sum + events, 0),
    oldestSeconds: ageOf([...held, ...read.flat()], now),
  };
}

function readsOf({ ids, key }: State, length: number, state: number) {
  if (length <= countedMax) return [{ state, command: [ids, key, 0, -1] }];
  return Array.from({ length: sampleRuns }, (_, run) => {
    const from = Math.floor((run * (length - runLength)) / (sampleRuns - 1));
    return { state, command: [ids, key, from, from + runLength - 1] };
  });
}

/** Whether there are batches that a worker could take now. */
export async function fastLaneWaits(redis: Redis): Promise<boolean> {
  return (await redis.llen(queueKey(fastLaneName, 'wait'))) > 0;
}

/** The commands' replies, all of one moment: a job that moves meanwhile is not missed. */
async function inOne(redis: Redis, commands: (string | number)[][]): Promise<unknown[]> {
  const replies = (await redis.multi(commands).exec()) ?? [];
  return replies.map(([cause, reply]) => {
    if (cause) throw cause;
    return reply;
  });
}

function ageOf(jobIds: readonly string[], now: number): number {
  const madeAt = jobIds.map((id) => idMadeAt(readJobId(id)?.batchId ?? '')).filter((at) => at !== undefined);
  // Batches are stamped by the clocks of other machines, too.
  return Math.max(0, (now - madeAt.reduce((oldest, at) => Math.min(oldest, at), now)) / 1000);
}

const durableLaneQuery = readFileSync(new URL('queries/measure-durable-lane.sql', import.meta.url), 'utf8');
const durableCountedMax = 5000;

/** About what waits on the durable lane: exact up to 5,000 waiting jobs. */
export async function measureDurableLane(sessions: {
  query(text: string, values: unknown[]): Promise<{ rows: unknown[] }>;
}): Promise<LaneMeasure> {
  const { rows } = await sessions.query(durableLaneQuery, [durableLaneName, durableCountedMax]);
  const { waiting, oldestSeconds } = rows[0] as { waiting: number; oldestSeconds: number | null };
  return { waiting: Number(waiting), oldestSeconds: Math.max(0, oldestSeconds ?? 0) };
}
