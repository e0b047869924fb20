import { type LaneRedisWatch, readLaneRefusal, watchLaneRedis } from '@event-tracker/queue';
import {
  createOutageNote,
  type OutageNote,
  type Running,
  redisUrls,
  withTimeout,
} from '@event-tracker/runtime';
import { connectRedis, createPool, type Pool, type Redis } from '@event-tracker/storage';
import { closeLimits } from './close-limits.ts';
import type { WorkerConfig } from './config.ts';
import { databaseConnections } from './connections.ts';

export interface WorkerStores {
  pool: Pool;
  /** For commits apart, and for asking whether PostgreSQL takes events. It has no connection while neither is needed. */
  apartPool: Pool;
  viewsRedis: Redis;
  /** Waits for Redis to come back, as its consumers do. */
  laneRedis: Redis;
  quarantineRedis: Redis;
  /** Whether the lane's Redis may carry it. */
  laneRedisWatch: LaneRedisWatch;
  postgresNote: OutageNote;
  /** Of the fast lane's Redis, and of the views'. */
  redisNote: OutageNote;
  viewsNote: OutageNote;
  endPool(): Promise<void>;
  disconnectRedis(): void;
}

/** Connections to the stores, which need not be there. The caller closes them. */
export function connectStores({ config, log }: Pick<Running<WorkerConfig>, 'config' | 'log'>): WorkerStores {
  const postgresNote = createOutageNote(log, 'PostgreSQL');
  const redisNote = createOutageNote(log, 'Redis');
  const viewsNote = createOutageNote(log, 'Redis (views)');
  const urls = redisUrls(config);
  // One that breaks is no outage: that is found out where something is asked of PostgreSQL.
  const onError = (cause: unknown) => log.debug({ err: cause }, 'a connection to PostgreSQL broke');
  const connections = databaseConnections(config);
  const pool = createPool({
    url: config.DATABASE_URL,
    applicationName: 'event-tracker-worker',
    max: connections.worker,
    connectTimeoutMs: 2000,
    queryTimeoutMs: config.DATABASE_TIMEOUT_MS,
    onError,
  });
  const apartPool = createPool({
    url: config.DATABASE_URL,
    applicationName: 'event-tracker-worker-apart',
    max: connections.apart,
    connectTimeoutMs: 2000,
    queryTimeoutMs: config.apartTimeoutMs,
    onError,
  });
  const viewsRedis = connectRedis({
    url: urls.views,
    name: 'views',
    mode: 'fail-fast',
    commandTimeoutMs: 2000,
    onError: viewsNote.away,
  });
  const laneRedis = connectRedis({
    url: urls.lane,
    name: 'fast-lane-consumer',
    mode: 'wait',
    onError: redisNote.away,
  });
  const quarantineRedis = connectRedis({
    url: urls.lane,
    name: 'quarantine',
    mode: 'fail-fast',
    commandTimeoutMs: 2000,
    onError: redisNote.away,
  });
  pool.on('connect', postgresNote.back);
  viewsRedis.on('ready', viewsNote.back);
  const tellRole = (refusal: Awaited<ReturnType<typeof readLaneRefusal>>) =>
    refusal?.isReplica ? redisNote.away(new Error(refusal.reason)) : redisNote.back();
  // It takes connections as a replica, too, and refuses whatever consumers ask of it.
  laneRedis.on('ready', () => void readLaneRefusal(laneRedis).then(tellRole, redisNote.away));
  const laneRedisWatch = watchLaneRedis(quarantineRedis, (refusal) => {
    if (laneRedis.status === 'ready') tellRole(refusal);
  });
  return {
    pool,
    apartPool,
    viewsRedis,
    laneRedis,
    quarantineRedis,
    laneRedisWatch,
    postgresNote,
    redisNote,
    viewsNote,
    // What a hung store keeps open ends with the process.
    async endPool() {
      const ended = Promise.all([pool.end(), apartPool.end()]);
      await withTimeout(ended, closeLimits.answerMs, 'PostgreSQL').catch(() => {});
    },
    disconnectRedis() {
      void laneRedisWatch.close();
      for (const redis of [viewsRedis, laneRedis, quarantineRedis]) redis.disconnect();
    },
  };
}
