import { setTimeout as pause } from 'node:timers/promises';
import { type ConnectionOptions, DelayedError, type Job, Worker } from 'bullmq';
import type { Redis } from 'ioredis';
import type { DeliveredJob } from './handle-job.ts';
import { lanePrefix } from './names.ts';

/**
 * A killed worker's jobs are found by another one's stalled check once their locks have run out: after 10 s at the
 * latest. Shorter locks would take jobs from workers that merely pause for a garbage collection or a slow disk.
 */
const lockMs = 5000;
const stalledCheckMs = 5000;

/** BullMQ's own limit, beyond which it fails a job. Stalls are judged here, and no job is ever failed for them. */
const stallsMax = 1_000_000;

/**
 * BullMQ starts none of the jobs that it has fetched, one by one, before it holds as many as it may or none is left. Under
 * load that is after `concurrency` fetches, half a second for 256. So it may hold few more than are in hand.
 */
const fetchedAheadMax = 8;

/** The longest pause before a job that was given back comes again, in milliseconds. */
export const longestPauseMs = 10_000;

export interface Consumer {
  /**
   * Takes nothing more; resolves when what is held is settled, or after `limitMs`, which may be told later. What is not
   * comes back by itself.
   */
  close(limitMs: number | Promise<number>): Promise<void>;
}

/** Rejecting with it makes the job come again after so many milliseconds at the earliest. */
export class TryLater extends Error {
  override name = 'TryLater';
  readonly inMs: number;

  constructor(cause: unknown, inMs: number) {
    super(cause instanceof Error ? cause.message : String(cause), { cause });
    this.inMs = inMs;
  }
}

/** A job that is not done comes again after so many milliseconds. */
export type Settled = 'done' | { againInMs: number };

export interface BullWorkerOptions {
  /** Waits for Redis to come back. Closed by whoever made it. */
  redis: Redis;
  /** Jobs held at a time. */
  concurrency: number;
  process(delivered: DeliveredJob, job: Job): Promise<Settled>;
  onError(cause: unknown): void;
}

/** Takes jobs off a BullMQ queue, each until it is done: neither rejections nor stalls ever use it up. */
export function startBullWorker(name: string, options: BullWorkerOptions): Consumer {
  let inHand = 0;
  const holdFewMore = () => {
    worker.concurrency = Math.min(options.concurrency, inHand + fetchedAheadMax);
  };

  async function processJob(job: Job, token: string | undefined): Promise<void> {
    inHand += 1;
    holdFewMore();
    try {
      const settled = await options.process(deliveredJob(job), job);
      if (settled === 'done') return;
      await job.moveToDelayed(Date.now() + settled.againInMs, token);
      throw new DelayedError();
    } finally {
      // Once BullMQ has asked whether the job's place is free: then its completion brings the next job along.
      setImmediate(() => {
        inHand -= 1;
        holdFewMore();
      });
    }
  }

  const worker = new Worker(name, processJob, {
    connection: options.redis as unknown as ConnectionOptions,
    prefix: lanePrefix,
    concurrency: Math.min(options.concurrency, fetchedAheadMax),
    lockDuration: lockMs,
    stalledInterval: stalledCheckMs,
    maxStalledCount: stallsMax,
    settings: { backoffStrategy },
  });
  worker.on('error', options.onError);
  worker.on('failed', (_job, cause) => options.onError(cause));

  return {
    async close(limitMs) {
      // A worker waits for Redis for ever when it is away, and a close that has begun can't be forced: it is left alone.
      const closed = worker.close();
      const overdue = Promise.resolve(limitMs).then((ms) => pause(ms, undefined, { ref: false }));
      await Promise.race([closed, overdue]);
    },
  };
}

export function deliveredJob(job: Job): DeliveredJob {
  return {
    key: job.id ?? '',
    name: job.name,
    data: job.data,
    createdAt: job.timestamp,
    attempts: job.attemptsStarted,
    stalls: job.stalledCounter,
  };
}

/** Doubles from 100 ms up to 10 s, less up to half by chance, so that batches of one outage don't come back as one. */
function backoffStrategy(attemptsMade: number, _type?: string, cause?: Error): number {
  const doubled = Math.min(100 * 2 ** Math.min(attemptsMade - 1, 10), longestPauseMs);
  const pause = Math.round(doubled * (1 - Math.random() / 2));
  return cause instanceof TryLater ? Math.max(pause, Math.round(cause.inMs)) : pause;
}
