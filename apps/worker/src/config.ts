import { commonConfig, parseConfig, wholeNumber, withRunningStores } from '@event-tracker/runtime';
import { z } from 'zod';

export const workerConfig = z.object({
  ...commonConfig,
  WORKER_PORT: wholeNumber(0, 65_535).default(8081),
  /** Jobs held at a time: the more, the larger the commits. They wait in memory and come back if this process dies. */
  WORKER_JOBS_MAX: wholeNumber(1, 1000).default(64),
  /** A commit closes at so many events. */
  COMMIT_EVENTS_MAX: wholeNumber(1, 100_000).default(2000),
  /** Commits under way at a time, each on a connection of its own. */
  COMMITS_IN_FLIGHT_MAX: wholeNumber(1, 32).default(2),
  DATABASE_CONNECTIONS_MAX: wholeNumber(2, 1000).default(6),
  DATABASE_TIMEOUT_MS: wholeNumber(100, 600_000).default(15_000),
  /** Subjects that a bucket of a ranking keeps. A window that holds a fuller one is answered by PostgreSQL. */
  VIEW_MEMBERS_MAX: wholeNumber(10, 1_000_000).default(1000),
});

export type WorkerConfig = z.infer<typeof workerConfig>;

export function loadConfig(env: Record<string, string | undefined>): WorkerConfig {
  return parseConfig(workerConfig, withRunningStores(env));
}
