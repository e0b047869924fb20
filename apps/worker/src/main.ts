import {
  type BuriedJob,
  startDurableLaneConsumer,
  startFastLaneConsumer,
  Unprocessable,
} from '@event-tracker/queue';
import { createOutageNote, repeat, runProcess, withTimeout } from '@event-tracker/runtime';
import {
  checkSchema,
  connectRedis,
  createLedger,
  createPool,
  createViewDebts,
  createViewFreshness,
  createViewKeeper,
  createViews,
  keepPartitions,
} from '@event-tracker/storage';
import { withRetries } from './commit-retries.ts';
import { loadConfig } from './config.ts';
import { startHealthServer } from './health.ts';
import { createPostgresWait, isAway } from './postgres-wait.ts';
import { createBatchProcessor } from './process-batches.ts';
import { untilSchemaIsCurrent } from './until-schema-is-current.ts';

/** How often the views are looked after: a tenth of the lease's life. */
const viewRoundMs = 1000;
const partitionRoundMs = 60 * 60_000;
/** What is held is settled in this time, or comes back by itself to another worker. */
const drainLimitMs = 14_000;
/** While a store hangs nothing more can be settled. */
const hangingDrainLimitMs = 1500;
const answerLimitMs = 1000;

await runProcess(
  'worker',
  () => loadConfig(process.env),
  async ({ config, log, closers }) => {
    const now = Date.now;
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
    pool.on('connect', postgresNote.back);
    laneRedis.on('ready', redisNote.back);

    let consuming = false;
    const health = await startHealthServer({
      port: config.WORKER_PORT,
      host: config.HOST,
      needs: [['postgres'], ['consumer']],
      checks: {
        postgres: () => checkSchema(pool),
        redis: () => viewsRedis.ping(),
        lane: () => laneRedis.ping(),
        consumer: async () => {
          if (!consuming) throw new Error('waits for the schema');
        },
      },
    });
    closers.add('health server', health.close);
    // What a hung store keeps open ends with the process.
    closers.add('PostgreSQL', () => withTimeout(pool.end(), answerLimitMs, 'PostgreSQL').catch(() => {}));
    closers.add('Redis', () => {
      viewsRedis.disconnect();
      laneRedis.disconnect();
    });
    log.info({ address: `http://${health.address.address}:${health.address.port}` }, 'listening');

    const waiting = untilSchemaIsCurrent(pool, (cause) => log.warn({ err: cause }, 'waiting for the schema'));
    closers.add('wait for the schema', waiting.stop);
    if (!(await waiting.done)) return;

    const keepingPartitions = repeat(
      partitionRoundMs,
      () => keepPartitions(pool, now()),
      (cause) => log.error({ err: cause }, 'could not make partitions'),
    );
    closers.add('partitions', keepingPartitions);

    const views = createViews({ redis: viewsRedis, now, membersMax: config.VIEW_MEMBERS_MAX });
    const debts = createViewDebts(pool);
    const keeper = createViewKeeper({ pool, views, debts, freshness: createViewFreshness(viewsRedis), now });
    const keepingViews = repeat(
      viewRoundMs,
      () => keeper.keep(),
      (cause) => log.warn({ err: cause }, 'could not look after the views'),
    );
    closers.add('views', () => withTimeout(keepingViews(), hangingDrainLimitMs, 'the views').catch(() => {}));

    const postgresWait = createPostgresWait({ pool, note: postgresNote });
    const processor = createBatchProcessor({
      ledger: withRetries(createLedger({ pool, now }), pool, postgresWait),
      views,
      debts,
      commitEventsMax: config.COMMIT_EVENTS_MAX,
      commitsInFlightMax: config.COMMITS_IN_FLIGHT_MAX,
      onError: (cause) => log.warn({ err: cause }, 'committed, but not merged into the views yet'),
    });
    closers.add('commits', () =>
      withTimeout(processor.close(), hangingDrainLimitMs, 'the commits').catch(() => {}),
    );
    const handlers = {
      process: processor.process,
      // No dead letters yet: the job stays on its lane.
      bury: (job: BuriedJob) => Promise.reject(new Unprocessable(job.code, job.reason)),
    };
    const fastConsumer = startFastLaneConsumer({
      ...handlers,
      redis: laneRedis,
      jobsHeldMax: config.WORKER_JOBS_MAX,
      onError: (cause) =>
        laneRedis.status === 'ready' ? log.warn({ err: cause }, 'fast lane') : redisNote.away(cause),
    });
    const durableConsumer = startDurableLaneConsumer({
      ...handlers,
      pool,
      queryTimeoutMs: config.DATABASE_TIMEOUT_MS,
      jobsHeldMax: config.WORKER_JOBS_MAX,
      onError: (cause) =>
        isAway(cause) && !(cause instanceof Unprocessable)
          ? postgresNote.away(cause)
          : log.warn({ err: cause }, 'durable lane'),
    });
    closers.add('lanes', async () => {
      const answers = Promise.all([pool.query('select'), laneRedis.ping()]);
      // They stop taking at once, while it is found out how long they may settle what they hold.
      const limitMs = withTimeout(answers, answerLimitMs, 'the stores').then(
        () => drainLimitMs,
        () => hangingDrainLimitMs,
      );
      await Promise.all([fastConsumer.close(limitMs), durableConsumer.close(limitMs)]);
    });
    closers.add('wait for PostgreSQL', () => postgresWait.close());
    consuming = true;
    log.info('taking batches');
  },
);
