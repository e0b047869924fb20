import { type Batch, isTooOld } from '@event-tracker/domain';
import { type JobHandlers, Unprocessable } from '@event-tracker/queue';

/**
 * Keeps batches from being committed that are older than what tells repeats apart. One that was committed already goes
 * on: it is known by its row, and has nothing to write.
 */
export function withAgeLimit(deps: {
  process: JobHandlers['process'];
  isCommitted(batch: Batch): Promise<boolean>;
  /** In milliseconds. */
  ageMaxMs: number;
  now: () => number;
}): JobHandlers['process'] {
  const { process, isCommitted, ageMaxMs, now } = deps;
  return async (batch) => {
    if (isTooOld(batch, now(), ageMaxMs) && !(await isCommitted(batch)))
      throw new Unprocessable('too-old', 'the batch waited for longer than a batch may');
    await process(batch);
  };
}
