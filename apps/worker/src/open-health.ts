import { createAdminAccess, type Metrics, type Running, redisUrls } from '@event-tracker/runtime';
import { checkSchema, readDatabaseConcerns, readViewsConcerns } from '@event-tracker/storage';
import type { WorkerConfig } from './config.ts';
import type { WorkerStores } from './connect-stores.ts';
import { startHealthServer } from './health.ts';
import type { OpenFolds } from './open-folds.ts';
import type { ProgressWatch } from './progress-watch.ts';

/** Answers the probes from the begin of the process to its end. */
export async function openHealth(
  deps: Running<WorkerConfig> & {
    metrics: Metrics;
    stores: WorkerStores;
    /** Undefined while the worker waits for the schema. */
    progress(): ProgressWatch | undefined;
    folds(): Pick<OpenFolds, 'stalledMs'> | undefined;
  },
): Promise<void> {
  const { config, log, closers, metrics, stores, progress, folds } = deps;
  const { pool, viewsRedis, quarantineRedis, laneRedis, laneRedisWatch, redisNote, viewsNote } = stores;
  const health = await startHealthServer({
    port: config.WORKER_PORT,
    host: config.HOST,
    metrics,
    checkAdmin: config.METRICS_AUTH === 'admin' ? createAdminAccess(config.ADMIN_TOKENS) : undefined,
    onError: (cause) => log.error({ err: cause }, 'a request failed'),
    needs: [['postgres'], ['consumer']],
    checks: {
      postgres: async () => {
        await checkSchema(pool);
        return readDatabaseConcerns(pool);
      },
      redis: async () => void (await redisNote.explain(quarantineRedis.ping())),
      ...(redisUrls(config).apart && { viewsRedis: () => viewsNote.explain(readViewsConcerns(viewsRedis)) }),
      lane: async () => {
        await laneRedis.ping();
        const refusal = await laneRedisWatch.check();
        if (refusal !== undefined) throw new Error(refusal);
      },
      consumer: async () => {
        const watch = progress();
        const folding = folds();
        if (!watch || !folding) throw new Error('waits for the schema');
        const seconds = Math.floor(watch.stalledMs() / 1000);
        if (seconds >= config.STALL_SECONDS)
          throw new Error(`batches wait, and none has completed for ${seconds} s`);
        const foldSeconds = Math.floor(folding.stalledMs() / 1000);
        if (foldSeconds >= config.STALL_SECONDS)
          throw new Error(`commits wait to be added up, and none of them has been for ${foldSeconds} s`);
      },
    },
  });
  closers.add('health server', health.close);
  log.info({ address: health.url }, 'listening');
}
