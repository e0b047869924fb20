import { type ConnectionOptions, Queue } from 'bullmq';
import type { Redis } from 'ioredis';
import { lanePrefix } from './names.ts';

/** A job must outlive every outage: it is tried for ever, with a pause of at most 10 s (see bull-worker). */
const unlimitedAttempts = Number.MAX_SAFE_INTEGER;

export interface BullQueueOptions {
  /** Fails fast. Closed by whoever made it. */
  redis: Redis;
  /** Completed jobs that stay to be looked at on the queue board. */
  completedJobsMax: number;
  /** Entries of BullMQ's stream of queue events. */
  queueEventsMax: number;
  onError(cause: unknown): void;
}

/** A BullMQ queue whose jobs nothing but their completion takes away. It may be made while Redis is away. */
export function openBullQueue(name: string, options: BullQueueOptions): Queue {
  const queue = new Queue(name, {
    connection: options.redis as unknown as ConnectionOptions,
    prefix: lanePrefix,
    // Without these two, a queue that was made while Redis is away never recovers.
    skipWaitingForReady: true,
    skipVersionCheck: true,
    streams: { events: { maxLen: options.queueEventsMax } },
    defaultJobOptions: {
      attempts: unlimitedAttempts,
      backoff: { type: 'custom' },
      removeOnComplete: { count: options.completedJobsMax },
      removeOnFail: false,
      stackTraceLimit: 1,
    },
  });
  queue.on('error', options.onError);
  return queue;
}
