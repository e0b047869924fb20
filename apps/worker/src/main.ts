import { startFastLaneConsumer } from '@event-tracker/queue';
import { repeat, runProcess } from '@event-tracker/runtime';
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
import { createBatchProcessor } from './process-batches.ts';
import { untilSchemaIsCurrent } from './until-schema-is-current.ts';

/** How often the views are looked after: a tenth of the lease's life. */
const viewRoundMs = 1000;
const partitionRoundMs = 60 * 60_000;
/** What is held is settled in this time, or comes back by itself to another worker. */
const drainLimitMs = 14_000;

await runProcess(
  'worker',
  () => loadConfig(process.env),
  async ({ config, log, closers }) => {
    const now = Date.now;
    const pool = createPool({
      url: config.DATABASE_URL,
      applicationName: 'event-tracker-worker',
      max: config.DATABASE_CONNECTIONS_MAX,
      connectTimeoutMs: 2000,
      queryTimeoutMs: config.DATABASE_TIMEOUT_MS,
      onError: (cause) => log.warn({ err: cause }, 'PostgreSQL connection lost'),
    });
    const viewsRedis = connectRedis({
      url: config.REDIS_URL,
      name: 'views',
      mode: 'fail-fast',
      commandTimeoutMs: 2000,
      onError: (cause) => log.warn({ err: cause }, 'Redis (views)'),
    });
    const laneRedis = connectRedis({
      url: config.QUEUE_REDIS_URL ?? config.REDIS_URL,
      name: 'fast-lane-consumer',
      mode: 'wait',
      onError: (cause) => log.warn({ err: cause }, 'Redis (fast lane)'),
    });

    let consuming = false;
    const health = await startHealthServer({
      port: config.WORKER_PORT,
      host: config.HOST,
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
    closers.add('PostgreSQL', () => pool.end());
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
    closers.add('views', keepingViews);

    const processor = createBatchProcessor({
      ledger: withRetries(createLedger({ pool, now }), pool),
      views,
      debts,
      commitEventsMax: config.COMMIT_EVENTS_MAX,
      commitsInFlightMax: config.COMMITS_IN_FLIGHT_MAX,
      onError: (cause) => log.warn({ err: cause }, 'committed, but not merged into the views yet'),
    });
    closers.add('commits', () => processor.close());
    const consumer = startFastLaneConsumer({
      redis: laneRedis,
      jobsHeldMax: config.WORKER_JOBS_MAX,
      process: processor.process,
      onError: (cause) => log.warn({ err: cause }, 'fast lane'),
    });
    closers.add('fast lane', () => consumer.close(drainLimitMs));
    consuming = true;
    log.info('taking batches');
  },
);
