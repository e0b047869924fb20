import type { BuriedJob } from '@event-tracker/queue';
import type { Logger } from '@event-tracker/runtime';
import type { DeadLetterWriter } from '@event-tracker/storage';

export function createBuryJob(deps: {
  deadLetters: DeadLetterWriter;
  log: Logger;
}): (job: BuriedJob) => Promise<void> {
  return async (job) => {
    // So late its producer may be folded into the totals: what it said must not be owed again.
    await deps.deadLetters.bury(job.code === 'too-old' ? { ...job, acknowledged: 0 } : job);
    const { payload: _, ...about } = job;
    deps.log.error({ job: about }, 'a job went to the dead letters');
  };
}
