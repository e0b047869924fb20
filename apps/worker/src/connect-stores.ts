import { createOutageNote, type OutageNote, type Running, withTimeout } from '@event-tracker/runtime';
import { connectRedis, createPool, type Pool, type Redis } from '@event-tracker/storage';
import { closeLimits } from './close-limits.ts';
import type { WorkerConfig } from './config.ts';

export interface WorkerStores {
  pool: Pool;
  /** For commits apart, and for asking whether PostgreSQL takes events. It has no connection while neither is needed. */
  apartPool: Pool;
  viewsRedis: Redis;
  /** Waits for Redis to come back, as its consumers do. */
  laneRedis: Redis;
  quarantineRedis: Redis;
  postgresNote: OutageNote;
  redisNote: OutageNote;
  endPool(): Promise<void>;
  disconnectRedis(): void;
}

/** Connections to the stores, which need not be there. The caller closes them. */
export function connectStores({ config, log }: Pick<Running<WorkerConfig>, 'config' | 'log'>): WorkerStores {
  const postgresNote = createOutageNote(log, 'PostgreSQL');
  const redisNote = createOutageNote(log, 'Redis');
  // One that breaks is no outage: that is found out where something is asked of PostgreSQL.
  const onError = (cause: unknown) => log.debug({ err: cause }, 'a connection to PostgreSQL broke');
  const pool = createPool({
    url: config.DATABASE_URL,
    applicationName: 'event-tracker-worker',
    max: config.DATABASE_CONNECTIONS_MAX,
    connectTimeoutMs: 2000,
    queryTimeoutMs: config.DATABASE_TIMEOUT_MS,
    onError,
  });
  const apartPool = createPool({
    url: config.DATABASE_URL,
    applicationName: 'event-tracker-worker-apart',
    // Commits while some are made apart, one that is, and a look whether PostgreSQL takes events.
    max: config.COMMITS_IN_FLIGHT_MAX + 2,
    connectTimeoutMs: 2000,
    queryTimeoutMs: config.apartTimeoutMs,
    onError,
  });
  const viewsRedis = connectRedis({
    url: config.REDIS_URL,
    name: 'views',
    mode: 'fail-fast',
    commandTimeoutMs: 2000,
    onError: redisNote.away,
  });
  const laneRedis = connectRedis({
    url: config.QUEUE_REDIS_URL ?? config.REDIS_URL,
    name: 'fast-lane-consumer',
    mode: 'wait',
    onError: redisNote.away,
  });
  const quarantineRedis = connectRedis({
    url: config.QUEUE_REDIS_URL ?? config.REDIS_URL,
    name: 'quarantine',
    mode: 'fail-fast',
    commandTimeoutMs: 2000,
    onError: redisNote.away,
  });
  pool.on('connect', postgresNote.back);
  laneRedis.on('ready', redisNote.back);
  return {
    pool,
    apartPool,
    viewsRedis,
    laneRedis,
    quarantineRedis,
    postgresNote,
    redisNote,
    // What a hung store keeps open ends with the process.
    async endPool() {
      const ended = Promise.all([pool.end(), apartPool.end()]);
      await withTimeout(ended, closeLimits.answerMs, 'PostgreSQL').catch(() => {});
    },
    disconnectRedis() {
      for (const redis of [viewsRedis, laneRedis, quarantineRedis]) redis.disconnect();
    },
  };
}
