import { execFileSync } from 'node:child_process';
import { type Batch, describeEvents } from '@event-tracker/domain';
import { createQuarantine, encodeBatch, jobIdOf } from '@event-tracker/queue';
import type { Redis } from '@event-tracker/storage';
import { poll } from '@event-tracker/testing';

/** What is known of the trials of a job. */
export interface TrialRecord {
  deaths: number;
  open?: { storesRun: string; suspected: boolean };
}

export interface QuarantinedJob {
  /** As its queue has it: such as `active`, `delayed` or `completed`. */
  state: string;
  record: Partial<TrialRecord>;
}

export interface TestQuarantine {
  /** Puts a batch there, as a worker does with one that stalled again. */
  put(batch: Batch): Promise<void>;
  job(batch: Batch): Promise<QuarantinedJob>;
  /** Jobs that are there and not done. */
  waiting(): Promise<number>;
  close(): Promise<void>;
}

export function openTestQuarantine(redis: Redis): TestQuarantine {
  const quarantine = createQuarantine({
    redis,
    completedJobsMax: 10,
    queueEventsMax: 10,
    onError: () => {},
  });
  return {
    put: (batch) =>
      quarantine.put({
        key: jobIdOf(batch),
        name: describeEvents(batch.events),
        data: encodeBatch(batch),
        createdAt: Date.now(),
        attempts: 1,
        stalls: 2,
      }),
    async job(batch) {
      const job = await quarantine.queue.getJob(jobIdOf(batch));
      return { state: await job!.getState(), record: job!.progress as Partial<TrialRecord> };
    },
    waiting: () => quarantine.queue.getJobCountByTypes('wait', 'active', 'delayed'),
    close: () => quarantine.close(),
  };
}

/** The process in which a worker tries a job, which is the only one that it starts. */
export function trialOf(worker: { pid: number }): Promise<number> {
  return poll(
    () => {
      const rows = execFileSync('ps', ['-A', '-o', 'pid=,ppid='], { encoding: 'utf8' }).trim().split('\n');
      const pids = rows.map((row) => row.trim().split(/\s+/).map(Number));
      return pids.find(([, parent]) => parent === worker.pid)?.[0];
    },
    { what: 'the process of a trial' },
  );
}
