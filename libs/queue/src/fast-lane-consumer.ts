import { setTimeout as pause } from 'node:timers/promises';
import { type ConnectionOptions, DelayedError, type Job, Worker } from 'bullmq';
import type { Redis } from 'ioredis';
import { handleJob, type JobHandlers } from './handle-job.ts';
import { fastLaneName, lanePrefix } from './names.ts';

/**
 * A killed worker's jobs are found by another one's stalled check once their locks have run out: after 10 s at the
 * latest. Shorter locks would take jobs from workers that merely pause for a garbage collection or a slow disk.
 */
const lockMs = 5000;
const stalledCheckMs = 5000;

/** One stall says nothing about a job: a kill or a hang stalls every job that a worker holds. */
const stallsMax = 1_000_000;

const longestPauseMs = 10_000;

export interface FastLaneConsumerOptions extends JobHandlers {
  /** Waits for Redis to come back. Closed by whoever made it. */
  redis: Redis;
  /** Jobs held at a time: what can be merged into one commit. */
  jobsHeldMax: number;
  onError(cause: unknown): void;
}

export interface Consumer {
  /**
   * Takes nothing more; resolves when what is held is settled, or after `limitMs`, which may be told later. What is not
   * comes back by itself.
   */
  close(limitMs: number | Promise<number>): Promise<void>;
}

export function startFastLaneConsumer(options: FastLaneConsumerOptions): Consumer {
  const worker = new Worker(fastLaneName, (job, token) => processJob(job, token, options), {
    connection: options.redis as unknown as ConnectionOptions,
    prefix: lanePrefix,
    concurrency: options.jobsHeldMax,
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

async function processJob(job: Job, token: string | undefined, options: FastLaneConsumerOptions) {
  const outcome = await handleJob(
    {
      key: job.id ?? '',
      data: job.data,
      createdAt: job.timestamp,
      attempts: job.attemptsStarted,
      stalls: job.stalledCounter,
    },
    options,
  );
  if (outcome === 'done') return;
  await job.moveToDelayed(Date.now() + longestPauseMs, token);
  throw new DelayedError();
}

/** Doubles from 100 ms up to 10 s, less up to half by chance, so that batches of one outage don't come back as one. */
function backoffStrategy(attemptsMade: number): number {
  const pause = Math.min(100 * 2 ** Math.min(attemptsMade - 1, 10), longestPauseMs);
  return Math.round(pause * (1 - Math.random() / 2));
}
