import { randomUUID } from 'node:crypto';
import {
  type BuriedJob,
  createQuarantine,
  type DeliveredJob,
  fastLaneWaits,
  measureDurableLane,
  startDurableLaneConsumer,
  startFastLaneConsumer,
  startQuarantineConsumer,
  Unprocessable,
} from '@event-tracker/queue';
import {
  createAdminAccess,
  createMetrics,
  createOutageNote,
  createSampled,
  registerPools,
  repeat,
  runProcess,
  withTimeout,
} from '@event-tracker/runtime';
import {
  beatChannel,
  checkSchema,
  classifyFailure,
  connectRedis,
  createDeadLetterWriter,
  createLedger,
  createPool,
  createReconciler,
  createViewDebts,
  createViewFreshness,
  createViewKeeper,
  createViews,
  isBatchCommitted,
  readDatabaseState,
  SoundEventsFail,
} from '@event-tracker/storage';
import { withAgeLimit } from './age-limit.ts';
import { createBuryJob } from './bury-job.ts';
import { withRetries } from './commit-retries.ts';
import { loadConfig } from './config.ts';
import { startHealthServer } from './health.ts';
import { startMaintenance } from './maintenance.ts';
import { createPostgresWait } from './postgres-wait.ts';
import { createBatchProcessor } from './process-batches.ts';
import { createProgressWatch, type ProgressWatch } from './progress-watch.ts';
import { registerGauges } from './register-gauges.ts';
import { createStoresRun } from './stores-run.ts';
import { createTrialProcess } from './trial-process.ts';
import { untilSchemaIsCurrent } from './until-schema-is-current.ts';
import { createViewMerger } from './view-merger.ts';
import { startWorkerBeats } from './worker-beats.ts';
import { createWorkerMetrics } from './worker-metrics.ts';

/** How often the views are looked after: a tenth of the lease's life. */
const viewRoundMs = 1000;
const databaseEveryMs = 30_000;
/** What is held is settled in this time, or comes back by itself to another worker. */
const drainLimitMs = 14_000;
/** While a store hangs nothing more can be settled. */
const hangingDrainLimitMs = 1500;
const answerLimitMs = 1000;
/** A batch that is alone in its process is committed in far less, or hangs it. */
const trialLimitMs = 60_000;
/** Jobs that left the quarantine and stay to be looked at on the queue board; entries of its stream of events. */
const quarantineJobsKept = 100;

await runProcess(
  'worker',
  () => loadConfig(process.env),
  async ({ config, log, closers }) => {
    const now = Date.now;
    const metrics = createMetrics('worker');
    const postgresNote = createOutageNote(log, 'PostgreSQL');
    const redisNote = createOutageNote(log, 'Redis');
    const pool = createPool({
      url: config.DATABASE_URL,
      applicationName: 'event-tracker-worker',
      max: config.DATABASE_CONNECTIONS_MAX,
      connectTimeoutMs: 2000,
      queryTimeoutMs: config.DATABASE_TIMEOUT_MS,
      onError: postgresNote.away,
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

    registerPools(metrics, { worker: pool });
    let progress: ProgressWatch | undefined;
    let viewsKeptAt: number | undefined;
    const database = createSampled({
      everyMs: databaseEveryMs,
      ask: () => readDatabaseState(pool, now()),
      onError: (cause) => log.debug({ err: cause }, 'the database could not be looked at'),
    });
    closers.add('what is sampled', database.close);
    const health = await startHealthServer({
      port: config.WORKER_PORT,
      host: config.HOST,
      metrics,
      metricsAccess:
        config.METRICS_AUTH === 'admin' ? createAdminAccess(config.ADMIN_TOKENS) : () => 'granted',
      onError: (cause) => log.error({ err: cause }, 'a request failed'),
      needs: [['postgres'], ['consumer']],
      checks: {
        postgres: () => checkSchema(pool),
        redis: () => redisNote.explain(viewsRedis.ping()),
        lane: () => laneRedis.ping(),
        consumer: async () => {
          if (!progress) throw new Error('waits for the schema');
          const seconds = Math.floor(progress.stalledMs() / 1000);
          if (seconds >= config.STALL_SECONDS)
            throw new Error(`batches wait, and none has completed for ${seconds} s`);
        },
      },
    });
    closers.add('health server', health.close);
    // What a hung store keeps open ends with the process.
    closers.add('PostgreSQL', () => withTimeout(pool.end(), answerLimitMs, 'PostgreSQL').catch(() => {}));
    closers.add('Redis', () => {
      for (const redis of [viewsRedis, laneRedis, quarantineRedis]) redis.disconnect();
    });
    log.info({ address: `http://${health.address.address}:${health.address.port}` }, 'listening');

    const waiting = untilSchemaIsCurrent(pool, (cause) => log.warn({ err: cause }, 'waiting for the schema'));
    closers.add('wait for the schema', waiting.stop);
    if (!(await waiting.done)) return;

    const views = createViews({ redis: viewsRedis, now, membersMax: config.VIEW_MEMBERS_MAX });
    const debts = createViewDebts(pool);
    const keeper = createViewKeeper({ pool, views, debts, freshness: createViewFreshness(viewsRedis), now });
    const keepingNote = createOutageNote(log, 'what keeps the views');
    const viewsKept = () => {
      viewsKeptAt = now();
      keepingNote.back();
    };
    const keepingViews = repeat(viewRoundMs, () => keeper.keep().then(viewsKept), keepingNote.away);
    closers.add('views', () => withTimeout(keepingViews(), hangingDrainLimitMs, 'the views').catch(() => {}));

    const maintenance = startMaintenance({
      pool,
      keeper,
      reconciler: createReconciler({ pool, redis: viewsRedis, views, now }),
      queryTimeoutMs: config.DATABASE_TIMEOUT_MS,
      lifetimes: config.lifetimes,
      now,
      log,
      onAway: (cause) =>
        classifyFailure(cause) === 'away' ? postgresNote.away(cause) : log.warn({ err: cause }, 'schedule'),
    });
    closers.add('maintenance', () =>
      withTimeout(maintenance.close(), hangingDrainLimitMs, 'the maintenance').catch(() => {}),
    );

    const postgresWait = createPostgresWait({ pool, note: postgresNote });
    const merger = createViewMerger({
      views,
      probe: () => viewsRedis.ping(),
      note: createOutageNote(log, 'Redis (views)'),
    });
    closers.add('view merger', merger.close);
    const workerMetrics = createWorkerMetrics(metrics);
    const beats = startWorkerBeats({
      worker: randomUUID(),
      ways: [
        (beat) => viewsRedis.publish(beatChannel, beat),
        (beat) => pool.query('select pg_notify($1, $2)', [beatChannel, beat]),
      ],
      onError: (cause) => log.debug({ err: cause }, 'a beat could not be told'),
    });
    // After the commits: the last of them are told.
    closers.add('beats', () => beats.close());
    const processor = createBatchProcessor({
      ledger: withRetries(createLedger({ pool, now }), pool, postgresWait),
      onCommit: (commit) => beats.committed(commit.storedByType),
      views: merger,
      debts,
      commitEventsMax: config.COMMIT_EVENTS_MAX,
      commitsInFlightMax: config.COMMITS_IN_FLIGHT_MAX,
      metrics: workerMetrics,
      onProgress: () => progress?.completed(),
      now,
      onError: (cause) => log.warn({ err: cause }, 'view debts are paid and could not be taken off yet'),
    });
    closers.add('commits', () =>
      withTimeout(processor.close(), hangingDrainLimitMs, 'the commits').catch(() => {}),
    );
    const buryJob = createBuryJob({ deadLetters: createDeadLetterWriter(pool), log });
    const bury = async (job: BuriedJob) => {
      await buryJob(job);
      workerMetrics.buried(job.count);
      progress?.completed();
    };
    const handlersOf = (lane: string) => ({
      process: withAgeLimit({
        process: (batch) => processor.process(batch, lane),
        isCommitted: (batch) => isBatchCommitted(pool, batch.id),
        ageMaxMs: config.lifetimes.batchAgeMaxMs,
        now,
      }),
      bury,
      async quarantine(job: DeliveredJob) {
        await quarantine.put(job);
        log.warn({ job: job.key, stalls: job.stalls }, 'a job stalled again, and is tried alone');
      },
    });
    // Nothing is stored until somebody has mended the database: that is no warning.
    const tellFailure = (lane: string, cause: unknown) =>
      log[cause instanceof SoundEventsFail ? 'error' : 'warn']({ err: cause }, lane);
    const quarantine = createQuarantine({
      redis: quarantineRedis,
      completedJobsMax: quarantineJobsKept,
      queueEventsMax: quarantineJobsKept,
      onError: (cause) => log.debug({ err: cause }, 'the quarantine'),
    });
    closers.add('quarantine', () => withTimeout(quarantine.close(), answerLimitMs, 'it').catch(() => {}));
    const fastConsumer = startFastLaneConsumer({
      ...handlersOf('fast'),
      redis: laneRedis,
      jobsHeldMax: config.WORKER_JOBS_MAX,
      onError: (cause) =>
        laneRedis.status === 'ready' ? tellFailure('fast lane', cause) : redisNote.away(cause),
    });
    const durableConsumer = startDurableLaneConsumer({
      ...handlersOf('durable'),
      pool,
      queryTimeoutMs: config.DATABASE_TIMEOUT_MS,
      jobsHeldMax: config.WORKER_JOBS_MAX,
      onError: (cause) =>
        classifyFailure(cause) === 'away' && !(cause instanceof Unprocessable)
          ? postgresNote.away(cause)
          : tellFailure('durable lane', cause),
    });
    const trials = createTrialProcess({ limitMs: trialLimitMs });
    const quarantineConsumer = startQuarantineConsumer({
      bury,
      redis: laneRedis,
      tryOut: trials.tryOut,
      trialLimitMs,
      storesRun: createStoresRun({ pool, redis: quarantineRedis }),
      onError: (cause) =>
        laneRedis.status === 'ready' ? tellFailure('quarantine', cause) : redisNote.away(cause),
    });
    closers.add('lanes', async () => {
      const answers = Promise.all([pool.query('select'), laneRedis.ping()]);
      // They stop taking at once, while it is found out how long they may settle what they hold.
      const limitMs = withTimeout(answers, answerLimitMs, 'the stores').then(
        () => drainLimitMs,
        () => hangingDrainLimitMs,
      );
      const consumers = [fastConsumer, durableConsumer, quarantineConsumer];
      await Promise.all(consumers.map((consumer) => consumer.close(limitMs)));
      trials.close();
    });
    closers.add('wait for PostgreSQL', () => postgresWait.close());
    const watch = createProgressWatch({
      now,
      held: processor.held,
      lanesWait: [
        () => fastLaneWaits(quarantineRedis),
        async () => (await measureDurableLane(pool)).waiting > 0,
      ],
    });
    closers.add('progress', watch.close);
    progress = watch;
    registerGauges({ metrics, database, progress, processor, viewsKeptAt: () => viewsKeptAt, now });
    log.info('taking batches');
  },
);
