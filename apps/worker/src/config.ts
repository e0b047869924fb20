import {
  commonConfig,
  loadAll,
  metricsConfig,
  parseConfig,
  wholeNumber,
  withRedis,
  withRunningStores,
} from '@event-tracker/runtime';
import { z } from 'zod';
import { type Lifetimes, readLifetimes } from './lifetimes.ts';

/** How long what is kept: one follows from the other. */
const lifetimesConfig = z.object({
  /** The longest outage to survive: older batches are not committed any more. The next two follow from it. */
  OUTAGE_HOURS_MAX: wholeNumber(1, 8760).default(72),
  EVENT_KEY_HOURS: wholeNumber(1, 87_600).optional(),
  BATCH_HOURS: wholeNumber(1, 87_600).optional(),
  /** Of events, and of the counts by minute and all fields. These three follow from OUTAGE_HOURS_MAX unless they are set. */
  RETENTION_DAYS: wholeNumber(1, 36_500).optional(),
  MINUTE_COUNT_DAYS: wholeNumber(1, 36_500).optional(),
  HOUR_COUNT_DAYS: wholeNumber(1, 36_500).optional(),
  /** Kept for ever unless it is set. */
  DAY_COUNT_DAYS: wholeNumber(1, 36_500).optional(),
});

export const workerConfig = z.object({
  ...commonConfig,
  ...metricsConfig,
  WORKER_PORT: wholeNumber(0, 65_535).default(8081),
  /** Not ready while batches wait and none completes for so long. */
  STALL_SECONDS: wholeNumber(1, 86_400).default(60),
  /** Jobs held at a time: the more, the larger the commits. They wait in memory and come back if this process dies. */
  WORKER_JOBS_MAX: wholeNumber(1, 1000).default(256),
  /** Events of the jobs that are held, of both lanes together, and about what these take in memory. */
  WORKER_EVENTS_MAX: wholeNumber(1, 10_000_000).default(50_000),
  WORKER_BYTES_MAX: wholeNumber(1024, 68_719_476_736).default(67_108_864),
  /** A process that tries a batch alone says something in far less, or hangs. */
  TRIAL_TIMEOUT_MS: wholeNumber(1000, 3_600_000).default(60_000),
  /** A commit closes at so many events. */
  COMMIT_EVENTS_MAX: wholeNumber(1, 100_000).default(8000),
  /** And at so many bytes, as its events take in memory. */
  COMMIT_BYTES_MAX: wholeNumber(1024, 4_294_967_296).default(16_777_216),
  /** A commit begins so long after the one before it at the earliest, unless a lane has more; 0: none waits for company. */
  COMMIT_EVERY_MS: wholeNumber(0, 1000).default(75),
  /** Commits under way at a time, each on a connection of its own. */
  COMMITS_IN_FLIGHT_MAX: wholeNumber(1, 32).default(2),
  /** A shard that any worker has folded less long ago is left for then. */
  FOLD_EVERY_MS: wholeNumber(1, 1000).default(50),
  /** Changes that a fold takes: the more, the fewer transactions, and the longer each holds its shard. */
  FOLD_CHANGES_MAX: wholeNumber(1, 1_000_000).default(10_000),
  /** Folds under way at a time while much waits, each on a connection of its own. */
  FOLDS_IN_FLIGHT_MAX: wholeNumber(1, 8).default(2),
  /** Beyond so many rows that wait to be added up, or an older one, a worker commits nothing until folds have caught up. */
  FOLD_ROWS_MAX: wholeNumber(10, 10_000_000).default(20_000),
  FOLD_AGE_MAX_MS: wholeNumber(100, 3_600_000).default(5000),
  /** One is kept for notifications; a scheduled task and a full merge take two each, and leave two for commits and folds. */
  DATABASE_CONNECTIONS_MAX: wholeNumber(3, 1000).default(7),
  DATABASE_TIMEOUT_MS: wholeNumber(100, 600_000).default(15_000),
  /** The same where batches are committed apart, or alone, because a commit with them failed. */
  APART_TIMEOUT_MS: wholeNumber(100, 600_000).optional(),
  /** Subjects that a bucket of a ranking keeps. A window that holds a fuller one is answered by PostgreSQL. */
  VIEW_MEMBERS_MAX: wholeNumber(10, 1_000_000).default(1000),
  ...lifetimesConfig.shape,
});

export type WorkerConfig = z.infer<typeof workerConfig> & {
  lifetimes: Lifetimes;
  /** In milliseconds. */
  apartTimeoutMs: number;
};

/** By default a batch that is committed apart may take a fifth of what a merged commit may; one is made in 20 ms. */
const apartShare = 1 / 5;
const apartTimeoutLeastMs = 1000;

function apartTimeoutMs({ APART_TIMEOUT_MS, DATABASE_TIMEOUT_MS }: z.infer<typeof workerConfig>): number {
  const wanted =
    APART_TIMEOUT_MS ?? Math.max(apartTimeoutLeastMs, Math.round(DATABASE_TIMEOUT_MS * apartShare));
  return Math.min(wanted, DATABASE_TIMEOUT_MS);
}

export function loadConfig(env: Record<string, string | undefined>): WorkerConfig {
  const given = withRunningStores(env);
  const [config, lifetimes] = loadAll(
    () => parseConfig(withRedis(workerConfig), given),
    // By themselves, so that their order is checked whatever else is wrong.
    () => readLifetimes(parseConfig(lifetimesConfig, given)),
  );
  return Object.freeze({ ...config, lifetimes, apartTimeoutMs: apartTimeoutMs(config) });
}
