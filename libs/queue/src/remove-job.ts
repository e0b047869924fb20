import type { Queue } from 'bullmq';
import { deliveredJob } from './bull-worker.ts';
import { type BuriedJob, buriedJob } from './handle-job.ts';

/** `held`: a worker has it, and is about to store its events. */
export type Removal = 'removed' | 'unknown' | 'held';

/**
 * Takes a job off its queue for good, and its events to the dead letters: first those, so that nothing is lost in
 * between. A worker that took it meanwhile finds its batch settled, or has settled it; either way it counts once.
 */
export async function removeJob(
  queue: Queue,
  jobId: string,
  bury: (job: BuriedJob) => Promise<void>,
): Promise<Removal> {
  const job = await queue.getJob(jobId);
  if (!job) return 'unknown';
  const state = await job.getState();
  if (state === 'active') return 'held';
  // What is completed is stored already.
  if (state !== 'completed')
    await bury(buriedJob(deliveredJob(job), 'removed at the queue board', 'removed'));
  try {
    await job.remove();
  } catch (cause) {
    if ((await job.getState()) === 'active') return 'held';
    throw cause;
  }
  return 'removed';
}
