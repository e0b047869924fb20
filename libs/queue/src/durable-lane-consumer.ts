import { setTimeout as pause } from 'node:timers/promises';
import type pg from 'pg';
import type { JobWithMetadata } from 'pg-boss';
import { createBoss } from './boss.ts';
import type { Consumer } from './bull-worker.ts';
import { createGroupCommit } from './group-commit.ts';
import { handleJob, type JobHandlers } from './handle-job.ts';
import type { HeldJobs } from './held-jobs.ts';
import { durableLaneName, readJobId } from './names.ts';
import { superviseLane } from './supervise-lane.ts';

/** How late a job is seen whose notification was missed, or that waits for another try: there is none for those. */
const pollEveryMs = 500;
const notifiedPollEveryMs = 2000;
/** What jobs weigh is not known before they are fetched: so many at a time. */
const fetchedAtOnceMax = 32;
/** A third of the heartbeat that pg-boss waits for. */
const touchEveryMs = 3000;

export interface DurableLaneConsumerOptions extends JobHandlers {
  /** Closed by whoever made it. One connection is kept for notifications. */
  pool: pg.Pool;
  queryTimeoutMs: number;
  /** Jobs held at a time: what can be merged into one commit. */
  jobsHeldMax: number;
  /** What they may weigh, together with those of other lanes. */
  held: HeldJobs;
  onError(cause: unknown): void;
}

/**
 * Takes jobs while there is room, and lets each go by itself. pg-boss's own worker settles a fetched set as one, so
 * one slow job would keep the room of all the others.
 */
export function startDurableLaneConsumer(options: DurableLaneConsumerOptions): Consumer {
  const { jobsHeldMax, onError } = options;
  const held = new Map<string, JobWithMetadata>();
  let closed = false;
  let woken = false;
  let wake = () => {};
  const boss = createBoss({
    ...options,
    onJobs() {
      woken = true;
      wake();
    },
  });

  const completions = createGroupCommit<JobWithMetadata>({
    flush: async (jobs) => void (await (await boss.started()).complete(durableLaneName, jobs)),
    sizeOf: () => 1,
    groupMax: 1000,
    inFlightMax: 1,
    pendingMax: Number.POSITIVE_INFINITY,
  });

  /** How many jobs may be fetched. One is held whatever the other lanes hold. */
  function roomNow(): number {
    const weighs = Math.max(options.held.room(), held.size === 0 ? 1 : 0);
    return Math.min(jobsHeldMax - held.size, weighs, fetchedAtOnceMax);
  }

  async function fetchJobs(): Promise<boolean> {
    const room = roomNow();
    if (room === 0) return false;
    const fetcher = await boss.started();
    if (closed) return false;
    const jobs = await fetcher.fetch<object>(durableLaneName, { batchSize: room, includeMetadata: true });
    for (const job of jobs) {
      held.set(job.id, job);
      void hold(job);
    }
    return jobs.length === room;
  }

  async function hold(job: JobWithMetadata): Promise<void> {
    const letGo = options.held.hold(job.data);
    try {
      const key = job.singletonKey ?? job.id;
      const outcome = await handleJob(
        {
          key,
          name: `${readJobId(key)?.count ?? 'unknown'} events`,
          data: job.data,
          createdAt: job.createdOn.getTime(),
          attempts: job.retryCount + 1,
          stalls: stallsOf(job),
        },
        options,
      );
      if (outcome === 'done') await completions.submit(job);
      else await giveBack(job, 'waits for a newer worker');
    } catch (cause) {
      onError(cause);
      await giveBack(job, cause instanceof Error ? cause.message : String(cause));
    } finally {
      held.delete(job.id);
      letGo();
      woken = true;
      wake();
    }
  }

  /** It comes again after its pause. When even that can't be said, its heartbeat ends and brings it back. */
  async function giveBack(job: JobWithMetadata, reason: string): Promise<void> {
    try {
      await (await boss.started()).fail(durableLaneName, job, { reason });
    } catch (cause) {
      onError(cause);
    }
  }

  async function run(): Promise<void> {
    while (!closed) {
      woken = false;
      let mayBeMore = false;
      try {
        mayBeMore = await fetchJobs();
      } catch (cause) {
        onError(cause);
      }
      if (closed || (mayBeMore && roomNow() > 0) || woken) continue;
      await new Promise<void>((resolve) => {
        // Nobody notifies of room that another lane makes.
        const rests = boss.isNotified() && roomNow() > 0;
        const timer = setTimeout(resolve, rests ? notifiedPollEveryMs : pollEveryMs);
        wake = () => {
          clearTimeout(timer);
          resolve();
        };
      });
    }
  }

  let touching = false;
  const touch = setInterval(() => {
    if (touching || held.size === 0) return;
    touching = true;
    boss
      .started()
      .then((started) => started.touch(durableLaneName, [...held.values()]))
      .catch(onError)
      .finally(() => (touching = false));
  }, touchEveryMs);

  const endSupervision = superviseLane(boss, onError);
  const ran = run();
  async function settle(): Promise<void> {
    await ran;
    while (held.size > 0) {
      await new Promise<void>((resolve) => {
        wake = resolve;
      });
    }
    await completions.close();
  }
  return {
    async close(limitMs: number | Promise<number>): Promise<void> {
      closed = true;
      wake();
      const overdue = Promise.resolve(limitMs).then((ms) => pause(ms, undefined, { ref: false }));
      await Promise.race([settle(), overdue]);
      clearInterval(touch);
      const ended = Promise.all([endSupervision(), boss.stop()]);
      await Promise.race([ended, new Promise((resolve) => setTimeout(resolve, 500).unref())]);
    },
  };
}

/**
 * Only a job whose last delivery ended by a lost heartbeat has stalled; those that were given back say why. How many
 * of the earlier ones stalled is not kept, so each counts.
 */
function stallsOf(job: JobWithMetadata): number {
  const message = (job.output as { value?: { message?: unknown } } | null)?.value?.message;
  return message === 'job heartbeat timeout' || message === 'job timed out' ? job.retryCount : 0;
}
