import type { Batch } from '@event-tracker/domain';
import { type ConnectionOptions, type Job, UnrecoverableError, Worker } from 'bullmq';
import type { Redis } from 'ioredis';
import { decodeBatch, UnknownPayload } from './batch-codec.ts';
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

export interface FastLaneConsumerOptions {
  /** Waits for Redis to come back. Closed by whoever made it. */
  redis: Redis;
  /** Jobs held at a time: what can be merged into one commit. */
  jobsHeldMax: number;
  /** Resolves when the batch is committed; rejects when it must be delivered again. */
  process(batch: Batch): Promise<void>;
  onError(cause: unknown): void;
}

export interface Consumer {
  /** Takes nothing more; resolves when what is held is settled, or after `limitMs`. What is not comes back by itself. */
  close(limitMs: number): Promise<void>;
}

export function startFastLaneConsumer(options: FastLaneConsumerOptions): Consumer {
  const worker = new Worker(fastLaneName, (job) => processJob(job, options), {
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
      const overdue = new Promise<void>((resolve) => setTimeout(resolve, limitMs).unref());
      await Promise.race([worker.close(), overdue]);
    },
  };
}

async function processJob(job: Job, { process }: FastLaneConsumerOptions): Promise<void> {
  let batch: Batch;
  try {
    batch = decodeBatch(job.data);
  } catch (cause) {
    // No retry could mend it. It stays among the failed jobs, whole.
    if (cause instanceof UnknownPayload) throw new UnrecoverableError(cause.message);
    throw cause;
  }
  await process(batch);
}

/** Doubles from 100 ms up to 10 s, less up to half by chance, so that batches of one outage don't come back as one. */
function backoffStrategy(attemptsMade: number): number {
  const pause = Math.min(100 * 2 ** Math.min(attemptsMade - 1, 10), longestPauseMs);
  return Math.round(pause * (1 - Math.random() / 2));
}
