import { randomUUIDv7 } from 'node:crypto';
import { fileURLToPath } from 'node:url';
import { createMetrics, redisUrls, registerPools, runProcess } from '@event-tracker/runtime';
import {
  checkSchema,
  readDatabaseConcerns,
  readViewsConcerns,
  refuseUnfitPooler,
} from '@event-tracker/storage';
import { backPressureMarks, loadConfig } from './config.ts';
import type { AdminChange } from './http/admin-guard.ts';
import { createApp } from './http/app.ts';
import { openBodyLimits } from './http/body-limits.ts';
import { createCors } from './http/cors.ts';
import { createDrain } from './http/drain.ts';
import { createGuards } from './http/guards.ts';
import { lanesBoard } from './http/lanes-board.ts';
import { openHttpServer } from './http/open-http-server.ts';
import { createBackPressure } from './ingest/back-pressure.ts';
import { createIngestMetrics } from './ingest/ingest-metrics.ts';
import { openAcceptor } from './ingest/open-acceptor.ts';
import { openLanes } from './ingest/open-lanes.ts';
import { openLikes } from './ingest/open-likes.ts';
import { createSearchRecorder } from './ingest/record-search.ts';
import { openDoors } from './open-doors.ts';
import { createReads } from './reads/create-reads.ts';
import { registerCaches } from './register-caches.ts';
import { registerGauges } from './register-gauges.ts';
import { sampleStores } from './sample-stores.ts';
import { databaseConnections } from './stores/connections.ts';
import { createPoolOpener } from './stores/pool-opener.ts';
import { createRedisOpener } from './stores/redis-opener.ts';
import { openStream } from './stream/open-stream.ts';

const dashboardFolder = fileURLToPath(new URL('../../dashboard/dist', import.meta.url));
const trackerFolder = fileURLToPath(new URL('../../../libs/client/dist', import.meta.url));

/** What is opened last is closed first: read from the bottom this is how the process ends. */
await runProcess(
  'api',
  () => loadConfig(process.env),
  async (running) => {
    const { config, log } = running;
    const now = Date.now;
    const newId = randomUUIDv7;
    const metrics = createMetrics('api');
    const warn = (what: string) => (cause: unknown) => log.warn({ err: cause }, what);
    const quietly = (cause: unknown) => log.debug({ err: cause }, 'a lane');

    const openPool = createPoolOpener(running);
    const connections = databaseConnections(config);
    const pool = openPool('event-tracker-api', connections.reads);
    await refuseUnfitPooler(pool, (cause) => running.fail('could not start', cause));
    const lanePool = openPool('event-tracker-api-lane', connections.lane);
    const openRedis = createRedisOpener(running);
    const urls = redisUrls(config);
    const { redis: laneRedis, note: laneNote } = openRedis('fast lane', urls.lane, 'fail-fast');
    const { redis: viewsRedis, note: viewsNote } = openRedis('views', urls.views, 'fail-fast');
    const redises = { laneRedis, viewsRedis };

    const ingestMetrics = createIngestMetrics(metrics);
    const toIngest = { ...running, metrics: ingestMetrics, now, onError: quietly };
    const lanes = openLanes({ ...toIngest, pool: lanePool, redis: laneRedis });
    const pressure = createBackPressure({ watch: lanes.watch, marks: backPressureMarks(config) });
    const acceptor = openAcceptor({ ...toIngest, lanes, pressure, pool });
    const likesPool = openPool('event-tracker-api-likes', connections.likes, config.LIKES_TIMEOUT_MS);
    const likes = openLikes({ ...running, pool: likesPool, lanes, acceptor, now });

    const toRead = { ...running, ...redises, pool, lanes, now, warn, quietly };
    const { reads, caches, readBooks } = createReads(toRead);
    registerPools(metrics, { api: pool, lane: lanePool, likes: likesPool });
    const samples = sampleStores({ ...toRead, watch: lanes.watch, readBooks, onError: quietly });
    registerGauges({ metrics, watch: lanes.watch, lane: lanes.spill, pressure, ...samples });
    registerCaches(metrics, caches);
    const stream = openStream({ ...toRead, openRedis, statistics: reads.statistics });

    const drain = createDrain(config.DRAIN_DELAY_MS);
    const onAdminChange = (change: AdminChange) => log.info({ change }, 'an admin made a change');
    const monotonic = () => performance.now();
    const guards = createGuards(config, { now, monotonic, onChange: onAdminChange });
    const bodyLimits = openBodyLimits(config, metrics);
    const app = createApp({
      ...reads,
      ...guards,
      ingest: {
        acceptor,
        limits: { ...bodyLimits, batchEventsMax: config.BATCH_EVENTS_MAX },
        now,
        newId,
        metrics: ingestMetrics,
      },
      bodyLimits,
      likes,
      recordSearch: createSearchRecorder({ acceptor, now, newId, onError: quietly }),
      stream,
      checks: {
        redis: async () => {
          await laneNote.explain(lanes.fast.health());
          return [];
        },
        ...(urls.apart && { viewsRedis: () => viewsNote.explain(readViewsConcerns(viewsRedis)) }),
        postgres: async () => {
          await checkSchema(pool);
          await lanes.durable.health();
          return readDatabaseConcerns(pool);
        },
      },
      needs: [['redis', 'postgres']],
      metricsGuard: config.METRICS_AUTH === 'admin' ? guards.adminGuard : () => {},
      metrics,
      sessionHours: config.ADMIN_SESSION_HOURS,
      onAdminChange,
      queueBoard: lanesBoard({ config, lanes, pool }),
      dashboardFolder,
      trackerFolder,
      drain,
      cors: createCors(config.CORS_ORIGINS, config.CORS_HEADERS_MAX),
      basePath: config.BASE_PATH,
      urlBytesMax: config.URL_BYTES_MAX,
      onError: (cause, requestId) => log.error({ err: cause, requestId }, 'a request failed'),
    });
    const server = await openHttpServer({ ...running, app, drain, stream });
    for (const door of openDoors(config)) log.warn(`INSECURE: ${door}`);
    log.info({ address: server.url }, 'listening');
  },
);
