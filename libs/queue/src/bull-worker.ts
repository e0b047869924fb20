import { setTimeout as pause } from 'node:timers/promises';
import { type ConnectionOptions, DelayedError, type Job, Worker } from 'bullmq';
import type { Redis } from 'ioredis';
import type { DeliveredJob } from './handle-job.ts';
import type { HeldJobs } from './held-jobs.ts';
import { lanePrefix } from './names.ts';

/**
 * A killed worker's jobs are found by another one's stalled check once their locks have run out: after 10 s at the
 * latest. Shorter locks would take jobs from workers that merely pause for a garbage collection or a slow disk.
 */
const lockMs = 5000;
const stalledCheckMs = 5000;

/** BullMQ's own limit, beyond which it fails a job. Stalls are judged here, and no job is ever failed for them. */
const stallsMax = 1_000_000;

/**
 * BullMQ starts none of the jobs that it has fetched, one by one, before it holds as many as it may or none is left. Under
 * load that is after `concurrency` fetches, half a second for 256. So it may hold few more than are in hand.
 */
const fetchedAheadMax = 8;

/** Jobs that are completed at one time bring as many along, and what these weigh is not known yet: so many at most. */
const broughtAlongMax = 64;

/** What is held for longer, such as a commit that waits for PostgreSQL, keeps nothing from being fetched beside it. */
const gatheringMaxMs = 250;

/** The longest pause before a job that was given back comes again, in milliseconds. */
export const longestPauseMs = 10_000;

export interface Consumer {
  /**
   * Takes nothing more; resolves when what is held is settled, or after `limitMs`, which may be told later. What is not
   * comes back by itself.
   */
  close(limitMs: number | Promise<number>): Promise<void>;
}

/** Rejecting with it makes the job come again after so many milliseconds at the earliest. */
export class TryLater extends Error {
  override name = 'TryLater';
  readonly inMs: number;

  constructor(cause: unknown, inMs: number) {
    super(cause instanceof Error ? cause.message : String(cause), { cause });
    this.inMs = inMs;
  }
}

/** A job that is not done comes again after so many milliseconds. */
export type Settled = 'done' | { againInMs: number };

export interface BullWorkerOptions {
  /** Waits for Redis to come back. Closed by whoever made it. */
  redis: Redis;
  /** Jobs held at a time. */
  concurrency: number;
  /** What they may weigh, together with those of other lanes. Without it their number alone is bounded. */
  held?: HeldJobs;
  process(delivered: DeliveredJob, job: Job): Promise<Settled>;
  /** Resolves shortly before jobs that are fetched would be processed. Without it they are at once. */
  untilDue?(): Promise<void>;
  onError(cause: unknown): void;
}

/** Takes jobs off a BullMQ queue, each until it is done: neither rejections nor stalls ever use it up. */
export function startBullWorker(name: string, options: BullWorkerOptions): Consumer {
  const { held } = options;
  /** Fetched, and not settled yet: how to let each go. */
  const fetched = new Map<Job, () => void>();
  /** Being completed, each by a call that brings the next job along. */
  const bringing = new Set<Job>();
  let inHand = 0;
  let gathering: NodeJS.Timeout | undefined;

  const room = () => (held ? held.room() : options.concurrency) - bringing.size;
  function holdWhatFits(): void {
    const ahead = gathering ? fetched.size : inHand + fetchedAheadMax;
    const mayBeFetched = Math.min(options.concurrency, ahead, fetched.size + room());
    worker.concurrency = Math.max(1, mayBeFetched);
  }

  function letGo(job: Job): void {
    inHand -= 1;
    fetched.delete(job);
    holdWhatFits();
  }

  /** The queue is empty. What comes is left there for a while: the completions of what is held bring it along, all at once. */
  function gather(): void {
    if (options.untilDue === undefined || fetched.size === 0) return;
    endGathering();
    gathering = setTimeout(() => {
      endGathering();
      // What is held takes long. BullMQ looks at its concurrency again when something ends, or when it is resumed.
      void worker.pause(true).then(() => worker.resume());
    }, gatheringMaxMs);
    holdWhatFits();
  }

  function endGathering(): void {
    clearTimeout(gathering);
    gathering = undefined;
    holdWhatFits();
  }

  async function processJob(job: Job, token: string | undefined): Promise<void> {
    inHand += 1;
    holdWhatFits();
    let bringsAlong = true;
    try {
      const settled = await options.process(deliveredJob(job), job);
      if (settled === 'done') {
        if (gathering) await options.untilDue?.();
        return;
      }
      bringsAlong = false;
      await job.moveToDelayed(Date.now() + settled.againInMs, token);
      throw new DelayedError();
    } finally {
      fetched.get(job)?.();
      if (bringsAlong && bringing.size < broughtAlongMax && room() > 0) {
        bringing.add(job);
        // Once BullMQ has asked whether the job's place is free: then its completion brings the next job along.
        setImmediate(() => letGo(job));
      } else letGo(job);
    }
  }

  const worker = new Worker(name, processJob, {
    connection: options.redis as unknown as ConnectionOptions,
    prefix: lanePrefix,
    concurrency: Math.min(options.concurrency, fetchedAheadMax),
    lockDuration: lockMs,
    stalledInterval: stalledCheckMs,
    maxStalledCount: stallsMax,
    settings: { backoffStrategy },
  });
  // Emitted for each job as soon as it is fetched.
  worker.on('active', (job) => {
    fetched.set(job, held ? held.hold(job.data) : () => {});
    endGathering();
  });
  worker.on('drained', gather);
  worker.on('completed', (job) => bringing.delete(job));
  worker.on('failed', (job, cause) => {
    if (job) bringing.delete(job);
    options.onError(cause);
  });
  worker.on('error', (cause) => {
    // One that could be neither completed nor failed is told of here alone.
    bringing.clear();
    options.onError(cause);
  });

  return {
    async close(limitMs) {
      clearTimeout(gathering);
      // A worker waits for Redis for ever when it is away, and a close that has begun can't be forced: it is left alone.
      const closed = worker.close();
      const overdue = Promise.resolve(limitMs).then((ms) => pause(ms, undefined, { ref: false }));
      await Promise.race([closed, overdue]);
    },
  };
}

export function deliveredJob(job: Job): DeliveredJob {
  return {
    key: job.id ?? '',
    name: job.name,
    data: job.data,
    createdAt: job.timestamp,
    attempts: job.attemptsStarted,
    stalls: job.stalledCounter,
  };
}

/** Doubles from 100 ms up to 10 s, less up to half by chance, so that batches of one outage don't come back as one. */
function backoffStrategy(attemptsMade: number, _type?: string, cause?: Error): number {
  const doubled = Math.min(100 * 2 ** Math.min(attemptsMade - 1, 10), longestPauseMs);
  const pause = Math.round(doubled * (1 - Math.random() / 2));
  return cause instanceof TryLater ? Math.max(pause, Math.round(cause.inMs)) : pause;
}
