import type { Redis } from 'ioredis';
import { type Consumer, longestPauseMs, startBullWorker } from './bull-worker.ts';
import { handleJob, type JobHandlers } from './handle-job.ts';
import type { HeldJobs } from './held-jobs.ts';
import { fastLaneName } from './names.ts';

export interface FastLaneConsumerOptions extends JobHandlers {
  /** Waits for Redis to come back. Closed by whoever made it. */
  redis: Redis;
  /** Jobs held at a time: what can be merged into one commit. */
  jobsHeldMax: number;
  /** What they may weigh, together with those of other lanes. */
  held: HeldJobs;
  /** Resolves shortly before the next batches would be committed: those that come until then stay on the lane. */
  untilDue?(): Promise<void>;
  onError(cause: unknown): void;
}

export function startFastLaneConsumer(options: FastLaneConsumerOptions): Consumer {
  return startBullWorker(fastLaneName, {
    redis: options.redis,
    concurrency: options.jobsHeldMax,
    held: options.held,
    ...(options.untilDue && { untilDue: options.untilDue }),
    onError: options.onError,
    process: async (job) =>
      (await handleJob(job, options)) === 'done' ? 'done' : { againInMs: longestPauseMs },
  });
}
