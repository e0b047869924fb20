import type pg from 'pg';
import { type ConstructorOptions, PgBoss, type Queue } from 'pg-boss';
import { type Listening, listenOn } from './listen.ts';
import { durableLaneName, scheduleName } from './names.ts';

/** Runs one statement, on a pool or inside somebody's transaction. */
export type ExecuteSql = (text: string, values?: unknown[]) => Promise<{ rows: unknown[] }>;

/** pg-boss's least; a killed worker's jobs are found at the next look after it, within 15 s: see `superviseLane`. */
export const heartbeatSeconds = 10;

/**
 * By its defaults pg-boss fails a job at its third try, and deletes one that waited for two weeks. What was
 * acknowledged must outlive every outage: tried without limit, kept for ten years.
 */
const queueSettings: Omit<Queue, 'name'> = {
  retryLimit: 2_147_483_647,
  retryDelay: 1,
  retryBackoff: true,
  retryDelayMax: 10,
  retentionSeconds: 10 * 365 * 86_400,
  // The most that pg-boss takes. A worker that lives holds a job by its heartbeat, however slow it is.
  expireInSeconds: 86_400,
  heartbeatSeconds,
  // Completed jobs are of no use: the ledger has the batch's row.
  deleteAfterSeconds: 60,
  warningQueueSize: 1_000_000,
  notify: true,
};

/** A chore that nobody came to, or that failed, comes again when it is due: its job is of no use any more. */
const scheduleSettings: Omit<Queue, 'name'> = {
  retryLimit: 0,
  retentionSeconds: 3600,
  expireInSeconds: 3600,
  deleteAfterSeconds: 3600,
};

const common: ConstructorOptions = {
  schema: 'pgboss',
  migrate: false,
  createSchema: false,
  supervise: false,
  schedule: false,
  registerInstance: false,
  persistWarnings: false,
  openTelemetry: { enabled: false },
};

export interface BossOptions {
  pool: pg.Pool;
  /** Longest wait for the answer to a statement, in milliseconds; its connection is destroyed then. */
  queryTimeoutMs: number;
  onError(cause: unknown): void;
  /** Called when jobs were put on the lane. Takes a connection of the pool for itself. */
  onJobs?(): void;
  /** Takes part in sending what is due by the schedule. */
  schedules?: boolean;
}

/** pg-boss on the application's own pool: it may be made, and is used, while PostgreSQL is away. */
export function createBoss({ pool, queryTimeoutMs, onError, onJobs, schedules = false }: BossOptions) {
  let listening: Listening | undefined;
  const executeSql: ExecuteSql = (text, values) => {
    const query = { text, ...(values && { values }), query_timeout: queryTimeoutMs };
    return pool.query(query);
  };
  const boss = new PgBoss({
    ...common,
    schedule: schedules,
    // What pg-boss's own worker polls in a process: the schedule, whose grain is a minute.
    cronWorkerIntervalSeconds: 15,
    ...(onJobs && { monitorIntervalSeconds: 4, maintenanceIntervalSeconds: 60, useListenNotify: true }),
    db: {
      executeSql: executeSql as never,
      ...(onJobs && {
        listen: async (channel: string) => {
          listening = listenOn(pool, channel, onJobs);
          return listening;
        },
      }),
    },
  });
  boss.on('error', onError);
  let started: Promise<PgBoss> | undefined;
  return {
    executeSql,
    /** Resolves once PostgreSQL was reached and has the schema; asked again it tries again. */
    started(): Promise<PgBoss> {
      started ??= boss.start().catch((cause: unknown) => {
        started = undefined;
        throw cause;
      });
      return started;
    },
    /** Whether jobs that are put on the lane are notified here. */
    isNotified: () => listening?.hears() ?? false,
    stop: () => boss.stop({ close: false, graceful: false }),
  };
}

export type Boss = ReturnType<typeof createBoss>;

/** Makes pg-boss's own schema and the lane's queue, or brings them up to date. One at a time: the caller sees to it. */
export async function migrateDurableLane(executeSql: ExecuteSql): Promise<void> {
  const boss = new PgBoss({
    ...common,
    migrate: true,
    createSchema: true,
    db: { executeSql: executeSql as never },
  });
  boss.on('error', () => {});
  await boss.start();
  try {
    await boss.createQueue(durableLaneName, { ...queueSettings, partition: true });
    // A queue that an older version made keeps its settings otherwise.
    await boss.updateQueue(durableLaneName, queueSettings);
    await boss.createQueue(scheduleName, scheduleSettings);
    await boss.updateQueue(scheduleName, scheduleSettings);
  } finally {
    await boss.stop({ close: false, graceful: false });
  }
}
