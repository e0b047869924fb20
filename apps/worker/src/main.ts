import { createHeldJobs, fastLaneWaits, measureDurableLane } from '@event-tracker/queue';
import { createMetrics, createSampled, registerPools, runProcess } from '@event-tracker/runtime';
import { readDatabaseState, refuseUnfitPooler } from '@event-tracker/storage';
import { loadConfig } from './config.ts';
import { connectStores } from './connect-stores.ts';
import { openFormerViews } from './former-views.ts';
import { keepViews } from './keep-views.ts';
import { openCommits } from './open-commits.ts';
import { openConsumers } from './open-consumers.ts';
import { type OpenFolds, openFolds } from './open-folds.ts';
import { openHealth } from './open-health.ts';
import { openMaintenance } from './open-maintenance.ts';
import { openPostgresWait } from './open-postgres-wait.ts';
import { createProgressWatch, type ProgressWatch } from './progress-watch.ts';
import { registerGauges } from './register-gauges.ts';
import { untilSchemaIsCurrent } from './until-schema-is-current.ts';
import { createWorkerMetrics } from './worker-metrics.ts';

const databaseEveryMs = 30_000;

/** What is opened last is closed first: read from the bottom this is how the process ends. */
await runProcess(
  'worker',
  () => loadConfig(process.env),
  async (running) => {
    const { config, log, closers } = running;
    const now = Date.now;
    const metrics = createMetrics('worker');
    let progress: ProgressWatch | undefined;
    let folds: OpenFolds | undefined;
    const onProgress = () => progress?.completed();

    const stores = connectStores(running);
    const { pool, quarantineRedis } = stores;
    await refuseUnfitPooler(pool, (cause) => running.fail('could not start', cause));
    registerPools(metrics, { worker: pool });
    const database = createSampled({
      everyMs: databaseEveryMs,
      ask: () => readDatabaseState(pool, now()),
      onError: (cause) => log.debug({ err: cause }, 'the database could not be looked at'),
    });
    closers.add('what is sampled', database.close);
    await openHealth({ ...running, metrics, stores, progress: () => progress, folds: () => folds });
    closers.add('PostgreSQL', stores.endPool);
    closers.add('Redis', stores.disconnectRedis);

    const waiting = untilSchemaIsCurrent(pool, (cause) => log.warn({ err: cause }, 'waiting for the schema'));
    closers.add('wait for the schema', waiting.stop);
    if (!(await waiting.done)) return;

    const formerViews = openFormerViews({ ...running, stores });
    const { views, keeper, keptAt, keptElsewhere } = keepViews({ ...running, stores, formerViews, now });
    openMaintenance({ ...running, stores, views, keeper, now });

    const { ledgerApart, postgresWait } = openPostgresWait({ ...running, stores, now });
    const toCommit = { ...running, stores, metrics: createWorkerMetrics(metrics, now), onProgress, now };
    folds = await openFolds({ ...toCommit, postgresWait, views, keptElsewhere });
    const processor = openCommits({ ...toCommit, ledgerApart, postgresWait, folds });
    const held = createHeldJobs({
      eventsMax: config.WORKER_EVENTS_MAX,
      bytesMax: config.WORKER_BYTES_MAX,
    });
    openConsumers({ ...toCommit, processor, held });
    // Before the lanes: what is held waits here while PostgreSQL is away.
    closers.add('wait for PostgreSQL', () => postgresWait.close());

    progress = createProgressWatch({
      now,
      held: processor.held,
      lanesWait: [
        () => fastLaneWaits(quarantineRedis),
        async () => (await measureDurableLane(pool)).waiting > 0,
      ],
    });
    closers.add('progress', progress.close);
    registerGauges({ metrics, database, progress, held, folds, viewsKeptAt: keptAt, now });
    log.info('taking batches');
  },
);
