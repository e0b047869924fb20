import { randomUUIDv7 } from 'node:crypto';
import { fileURLToPath } from 'node:url';
import {
  createDurableLane,
  createFastLane,
  createLaneWatch,
  createQuarantine,
  createSpillLane,
  listenOn,
  measureDurableLane,
  measureFastLane,
  measureQuarantine,
  readBullStates,
  readDurableLane,
  readDurableStates,
  readFastLane,
  readQuarantine,
  readRedisMemory,
} from '@event-tracker/queue';
import {
  createMetrics,
  createOutageNote,
  createSampled,
  registerPools,
  runProcess,
} from '@event-tracker/runtime';
import {
  beatChannel,
  checkSchema,
  classifyFailure,
  connectRedis,
  createBooksReader,
  createDeadLetters,
  createDeadLetterWriter,
  createLikes,
  createPool,
  createPosts,
  createStatisticsReader,
  createViewReader,
  hasEvents,
  listenInRedis,
  noteAcknowledged,
  readFreshKinds,
  readRedisPersistence,
} from '@event-tracker/storage';
import { backPressureMarks, loadConfig } from './config.ts';
import { adminChanges } from './http/admin-changes.ts';
import { createApp } from './http/app.ts';
import { createCors } from './http/cors.ts';
import { createDrain } from './http/drain.ts';
import { createGuards } from './http/guards.ts';
import { queueBoard } from './http/queue-board.ts';
import { startHttpServer } from './http/server.ts';
import { createAcceptor } from './ingest/accept-events.ts';
import { createBackPressure } from './ingest/back-pressure.ts';
import { startHeartbeat } from './ingest/heartbeat.ts';
import { createIngestMetrics } from './ingest/ingest-metrics.ts';
import { createLikeDesk } from './ingest/like-desk.ts';
import { createSearchRecorder } from './ingest/record-search.ts';
import { openDoors } from './open-doors.ts';
import { createDeadLettersDesk } from './reads/dead-letters.ts';
import { readEnteredBooks } from './reads/entered-books.ts';
import { createLanesReader } from './reads/lanes.ts';
import { createLedgerReader } from './reads/ledger.ts';
import { createPostCaches } from './reads/post-caches.ts';
import { createPostsDesk } from './reads/posts.ts';
import { createRecentKeywordsReader } from './reads/recent-keywords.ts';
import { restingViews } from './reads/resting-views.ts';
import { createStatistics } from './reads/statistics.ts';
import { registerCaches } from './register-caches.ts';
import { registerGauges } from './register-gauges.ts';
import { createBroadcaster } from './stream/broadcaster.ts';
import { createFrameMaker } from './stream/make-frames.ts';
import { createWorkerWatch } from './stream/worker-watch.ts';

const dashboardFolder = fileURLToPath(new URL('../../dashboard/dist', import.meta.url));
const trackerFolder = fileURLToPath(new URL('../../../libs/client/dist', import.meta.url));

/** Every API asks by itself, and what it reads of the lanes grows with what waits there. */
const booksEveryMs = 30_000;
const laneEventsForBooks = 200_000;

await runProcess(
  'api',
  () => loadConfig(process.env),
  async ({ config, log, closers }) => {
    const now = Date.now;
    const metrics = createMetrics('api');
    const warn = (what: string) => (cause: unknown) => log.warn({ err: cause }, what);

    const postgresNote = createOutageNote(log, 'PostgreSQL');
    const poolFor = (applicationName: string, max: number, limitMs = config.DATABASE_TIMEOUT_MS) => {
      const made = createPool({
        url: config.DATABASE_URL,
        applicationName,
        max,
        connectTimeoutMs: Math.min(2000, limitMs),
        queryTimeoutMs: limitMs,
        onError: postgresNote.away,
      });
      made.on('connect', postgresNote.back);
      closers.add(applicationName, () => made.end());
      return made;
    };
    const pool = poolFor('event-tracker-api', config.DATABASE_CONNECTIONS_MAX);
    // While Redis is away all reads come here, and must not keep events from being taken. Two more: probe and backlog.
    const lanePool = poolFor('event-tracker-api-lane', config.FLUSHES_IN_FLIGHT_MAX + 2);
    const ingestMetrics = createIngestMetrics(metrics);
    const noteFor = (name: string) => createOutageNote(log, `Redis (${name})`);
    const connectTo = (name: string, url: string, mode: 'fail-fast' | 'wait', note = noteFor(name)) => {
      const redis = connectRedis({
        url,
        name,
        mode,
        commandTimeoutMs: config.REDIS_TIMEOUT_MS,
        onError: note.away,
      });
      redis.on('ready', note.back);
      closers.add(`Redis (${name})`, () => redis.disconnect());
      return redis;
    };
    const laneNote = noteFor('fast lane');
    const laneRedis = connectTo(
      'fast lane',
      config.QUEUE_REDIS_URL ?? config.REDIS_URL,
      'fail-fast',
      laneNote,
    );
    const viewsRedis = connectTo('views', config.REDIS_URL, 'fail-fast');

    // What these two say again and again while they are away, the breakers tell once.
    const quietly = (cause: unknown) => log.debug({ err: cause }, 'a lane');
    const fastLane = createFastLane({
      redis: laneRedis,
      completedJobsMax: config.COMPLETED_JOBS_MAX,
      queueEventsMax: config.QUEUE_EVENTS_MAX,
      onError: quietly,
    });
    const quarantine = createQuarantine({
      redis: laneRedis,
      completedJobsMax: config.COMPLETED_JOBS_MAX,
      queueEventsMax: config.QUEUE_EVENTS_MAX,
      onError: quietly,
    });
    closers.add('quarantine', () => quarantine.close());
    const durableLane = createDurableLane({
      pool: lanePool,
      queryTimeoutMs: config.DURABLE_LANE_TIMEOUT_MS + 1000,
      onError: quietly,
    });
    const lane = createSpillLane({
      fast: fastLane,
      durable: durableLane,
      fastLimitMs: config.FAST_LANE_TIMEOUT_MS,
      durableLimitMs: config.DURABLE_LANE_TIMEOUT_MS,
      onChange: (name, away) =>
        away
          ? log.warn({ lane: name, err: away.cause }, 'a lane is away')
          : log.info({ lane: name }, 'a lane is back'),
      onTaken: ingestMetrics.taken,
    });
    closers.add('lanes', () => lane.close());
    const watch = createLaneWatch({
      measures: {
        fast: () => measureFastLane(laneRedis, now()),
        durable: () => measureDurableLane(lanePool),
      },
      readRedisMemory: () => readRedisMemory(laneRedis),
      onError: quietly,
    });
    closers.add('lane watch', () => watch.close());
    const pressure = createBackPressure({ watch, marks: backPressureMarks(config) });
    const acceptor = createAcceptor({
      lane,
      pressure,
      onAdded: watch.added,
      metrics: ingestMetrics,
      flushEventsMax: config.FLUSH_EVENTS_MAX,
      flushesInFlightMax: config.FLUSHES_IN_FLIGHT_MAX,
      pendingEventsMax: config.PENDING_EVENTS_MAX,
      onError: quietly,
    });
    const heartbeat = startHeartbeat({
      acknowledged: acceptor.acknowledged,
      note: (count) => noteAcknowledged(pool, acceptor.producer, count),
      now,
      onError: quietly,
    });
    // Closed after the acceptor: its last flushes count.
    closers.add('heartbeat', () => heartbeat.close());
    closers.add('acceptor', () => acceptor.close());

    const likesPool = poolFor('event-tracker-api-likes', config.LIKES_IN_FLIGHT_MAX, config.LIKES_TIMEOUT_MS);
    const likes = createLikeDesk({
      likes: createLikes({ pool: likesPool, lane: durableLane }),
      acceptor,
      onAdded: watch.added,
      limitMs: config.LIKES_TIMEOUT_MS,
      waitMaxMs: config.LIKES_WAIT_MAX_MS,
      groupMax: config.LIKES_GROUP_MAX,
      inFlightMax: config.LIKES_IN_FLIGHT_MAX,
      pendingMax: config.LIKES_PENDING_MAX,
      now,
      // An outage is told once, by the pool.
      onError: (cause) =>
        log[classifyFailure(cause) === 'away' ? 'debug' : 'warn']({ err: cause }, 'a like could not be set'),
    });
    closers.add('likes', () => likes.close());

    const drain = createDrain(config.DRAIN_DELAY_MS);
    const views = restingViews(createViewReader({ redis: viewsRedis, now }), now);
    const books = {
      books: createBooksReader(pool),
      lanes: [() => readFastLane(laneRedis), () => readDurableLane(pool), () => readQuarantine(laneRedis)],
    };
    const sampled = <T>(everyMs: number, ask: () => Promise<T>) => {
      const made = createSampled({ everyMs, ask, onError: quietly });
      closers.add('what is sampled', made.close);
      return made;
    };
    registerPools(metrics, { api: pool, lane: lanePool, likes: likesPool });
    registerGauges({
      metrics,
      watch,
      lane,
      quarantine: sampled(5000, () => measureQuarantine(laneRedis, now())),
      pressure,
      freshKinds: sampled(5000, () => readFreshKinds(viewsRedis)),
      persistence: sampled(5000, () => readRedisPersistence(laneRedis)),
      books: sampled(booksEveryMs, async () => {
        if (watch.depth() > laneEventsForBooks)
          throw new Error('the lanes hold too much to be read for a number');
        return readEnteredBooks(books);
      }),
    });
    const reads = { views, pool, now, onError: warn('a read failed') };
    const guards = createGuards(config, () => performance.now());
    const caches = createPostCaches({
      redis: viewsRedis,
      limits: {
        ttlMs: config.CACHE_TTL_MS,
        jitterMs: config.CACHE_JITTER_MS,
        nothingTtlMs: config.CACHE_NOTHING_TTL_MS,
        lockTtlMs: config.CACHE_LOCK_TTL_MS,
        lockWaitMs: config.CACHE_LOCK_WAIT_MS,
        entriesMax: config.CACHE_ENTRIES_MAX,
      },
      now,
      random: Math.random,
      onError: quietly,
    });
    registerCaches(metrics, caches);
    const bodyLimits = { sentMax: config.BODY_BYTES_MAX, inflatedMax: config.BODY_INFLATED_BYTES_MAX };
    const statistics = createStatistics({ ...reads, ledger: createStatisticsReader(pool) });

    const workers = createWorkerWatch({
      listenInRedis: (hear) => listenInRedis(connectTo('beats', config.REDIS_URL, 'wait'), beatChannel, hear),
      listenInPostgres: (hear) => listenOn(pool, beatChannel, hear),
    });
    closers.add('worker watch', () => workers.close());
    const stream = createBroadcaster({
      makeFrames: createFrameMaker({
        statistics,
        workers,
        lanes: () => [...watch.lanes()],
        breakers: () => ({
          fast: lane.breakers.fast.isOpen() ? 'open' : 'closed',
          durable: lane.breakers.durable.isOpen() ? 'open' : 'closed',
        }),
        hasEvents: () => hasEvents(pool),
        now,
        onError: quietly,
      }),
      readersMax: config.STREAM_READERS_MAX,
      onError: warn('no frame could be made'),
    });
    const app = createApp({
      ingest: {
        acceptor,
        limits: { ...bodyLimits, batchEventsMax: config.BATCH_EVENTS_MAX },
        now,
        newId: randomUUIDv7,
        metrics: ingestMetrics,
      },
      bodyLimits,
      likes,
      posts: createPostsDesk({ ...reads, posts: createPosts(pool), caches }),
      recordSearch: createSearchRecorder({ acceptor, now, newId: randomUUIDv7, onError: quietly }),
      statistics,
      stream,
      recentKeywords: createRecentKeywordsReader(reads),
      readLanes: createLanesReader({
        lanes: [
          {
            name: 'fast',
            measure: () => measureFastLane(laneRedis, now()),
            states: () => readBullStates(fastLane.queue),
          },
          {
            name: 'durable',
            measure: () => measureDurableLane(pool),
            states: () => readDurableStates(pool),
          },
          {
            name: 'quarantine',
            measure: () => measureQuarantine(laneRedis, now()),
            states: () => readBullStates(quarantine.queue),
          },
        ],
        onError: warn('a lane could not be read'),
      }),
      readLedger: createLedgerReader({ ...books, onError: warn('the books could not be read') }),
      deadLetters: createDeadLettersDesk({
        deadLetters: createDeadLetters({ pool, lane: durableLane }),
        onError: warn('the dead letters could not be reached'),
      }),
      checks: {
        redis: () => laneNote.explain(fastLane.health()),
        postgres: async () => {
          await checkSchema(pool);
          await durableLane.health();
        },
      },
      needs: [['redis', 'postgres']],
      ...guards,
      metricsGuard: config.METRICS_AUTH === 'admin' ? guards.adminGuard : () => {},
      metrics,
      adminChanges: adminChanges({
        tokens: config.ADMIN_TOKENS,
        onChange: (change) => log.info({ change }, 'an admin made a change'),
      }),
      queueBoard: queueBoard({
        queues: [
          { queue: fastLane.queue, description: 'The fast lane. A job is a batch of events.' },
          { queue: quarantine.queue, description: 'Batches whose workers died over them, each tried alone.' },
        ],
        readOnly: config.QUEUE_BOARD_READ_ONLY,
        redacted: config.QUEUE_BOARD_REDACTED,
        bury: createDeadLetterWriter(pool).bury,
      }),
      dashboardFolder,
      trackerFolder,
      drain,
      cors: createCors(config.CORS_ORIGINS),
      urlBytesMax: config.URL_BYTES_MAX,
      onError: (cause, requestId) => log.error({ err: cause, requestId }, 'a request failed'),
    });
    const server = await startHttpServer(app, config.PORT, config.HOST, {
      connectionsMax: config.CONNECTIONS_MAX,
      headerBytesMax: config.HEADER_BYTES_MAX,
      headersTimeoutMs: config.HEADERS_TIMEOUT_MS,
      requestTimeoutMs: config.REQUEST_TIMEOUT_MS,
      keepAliveTimeoutMs: config.KEEP_ALIVE_TIMEOUT_MS,
    });
    closers.add('HTTP server', () => server.close());
    // Before the server: it waits for every answer that is under way, and these have no end.
    closers.add('streams', () => stream.close());
    drain.signal.addEventListener('abort', () => void stream.close());
    closers.add('drain', () => drain.begin());
    for (const door of openDoors(config)) log.warn(`INSECURE: ${door}`);
    log.info({ address: server.url }, 'listening');
  },
);
