import type pg from 'pg';
import type { Job } from 'pg-boss';
import { createBoss } from './boss.ts';
import { scheduleName } from './names.ts';

/** What has to be done now and then, by whichever process comes to it. It may be done twice, also at once. */
export interface Chore {
  name: string;
  /** In UTC. To the minute: pg-boss looks twice in one. */
  cron: string;
  work(): Promise<void>;
}

export interface ScheduleOptions {
  /** Closed by whoever made it. */
  pool: pg.Pool;
  queryTimeoutMs: number;
  chores: readonly Chore[];
  /** A chore that failed by name, or none where PostgreSQL did; it comes again when it is due. */
  onError(cause: unknown, chore?: string): void;
}

/** When nothing was found. Occurrences are sent twice a minute. */
const pollEverySeconds = 10;
const retryMs = 1000;

/**
 * Takes part in the schedule: each occurrence of a chore is one job, however many processes there are. Every process asks
 * for each of them at its start, too, so that what was missed is made up for. One after the other in a process.
 */
export function startSchedule(options: ScheduleOptions): { close(): Promise<void> } {
  const { chores, onError } = options;
  const boss = createBoss({ ...options, onError: (cause) => onError(cause), schedules: true });
  let closed = false;
  let retry: NodeJS.Timeout | undefined;
  let underWay: Promise<void> | undefined;
  let lookAgain = () => {};

  async function take([job]: Job<{ chore?: string }>[]): Promise<void> {
    const chore = chores.find(({ name }) => name === job?.data?.chore);
    if (closed) return;
    // Of another version, which asks for it again.
    if (chore === undefined) throw new Error(`there is no chore ${job?.data?.chore}`);
    underWay = chore.work();
    try {
      await underWay;
    } catch (cause) {
      onError(cause, chore.name);
      throw cause;
    } finally {
      // Where one was due others are.
      lookAgain();
    }
  }

  async function begin(): Promise<void> {
    const started = await boss.started();
    for (const { name, cron } of chores) {
      if (closed) return;
      await started.schedule(scheduleName, cron, { chore: name }, { key: name });
      await started.send(scheduleName, { chore: name });
    }
    if (closed) return;
    const id = await started.work(scheduleName, { pollingIntervalSeconds: pollEverySeconds }, take);
    lookAgain = () => started.notifyWorker(id);
  }

  async function attempt(): Promise<void> {
    await begin().catch((cause: unknown) => {
      onError(cause);
      if (!closed) retry = setTimeout(again, retryMs);
    });
  }
  let beginning = attempt();
  function again(): void {
    beginning = attempt();
  }

  return {
    async close() {
      closed = true;
      clearTimeout(retry);
      await beginning;
      await boss.stop();
      await underWay?.catch(() => {});
    },
  };
}
