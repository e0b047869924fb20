import type { Queue } from 'bullmq';
import { type BullQueueOptions, openBullQueue } from './bull-queue.ts';
import type { DeliveredJob } from './handle-job.ts';
import { quarantineName } from './names.ts';

/**
 * Where the jobs of both lanes go whose workers went down with them again and again: at the second stall, under the same
 * id. There each is tried alone.
 */
export interface Quarantine {
  /** For the queue board. */
  queue: Queue;
  /** Resolves when the job is there; it may leave its lane then, and not before. */
  put(job: DeliveredJob): Promise<void>;
  close(): Promise<void>;
}

export function createQuarantine(options: BullQueueOptions): Quarantine {
  const queue = openBullQueue(quarantineName, options);
  return {
    queue,
    async put({ key, name, data, createdAt }) {
      await queue.add(name, data, { jobId: key, timestamp: createdAt });
    },
    close: () => queue.close(),
  };
}
