import type { BuriedJob, JobHandlers, Quarantine } from '@event-tracker/queue';
import type { Logger } from '@event-tracker/runtime';
import { createDeadLetterWriter, isBatchCommitted, type Pool } from '@event-tracker/storage';
import { withAgeLimit } from './age-limit.ts';
import { createBuryJob } from './bury-job.ts';
import type { BatchProcessor } from './process-batches.ts';
import type { WorkerMetrics } from './worker-metrics.ts';

/** What becomes of the jobs of a lane. */
export type HandlersOf = (lane: string) => JobHandlers;

export function createJobHandlers(deps: {
  pool: Pool;
  processor: Pick<BatchProcessor, 'process'>;
  quarantine: Pick<Quarantine, 'put'>;
  /** In milliseconds. */
  batchAgeMaxMs: number;
  metrics: Pick<WorkerMetrics, 'buried'>;
  onProgress(): void;
  now: () => number;
  log: Logger;
}): HandlersOf {
  const { pool, processor, quarantine, batchAgeMaxMs, metrics, onProgress, now, log } = deps;
  const buryJob = createBuryJob({ deadLetters: createDeadLetterWriter(pool), log });
  return (lane) => ({
    process: withAgeLimit({
      process: (batch) => processor.process(batch, lane),
      isCommitted: (batch) => isBatchCommitted(pool, batch.id),
      ageMaxMs: batchAgeMaxMs,
      now,
    }),
    async bury(job: BuriedJob) {
      await buryJob(job);
      metrics.buried(job.count);
      onProgress();
    },
    async quarantine(job, why) {
      await quarantine.put(job);
      log.warn({ job: job.key, why }, 'a job was set aside, and is tried alone');
      onProgress();
    },
  });
}
