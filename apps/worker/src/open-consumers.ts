import {
  createQuarantine,
  type HeldJobs,
  isReplicaError,
  startDurableLaneConsumer,
  startFastLaneConsumer,
  startQuarantineConsumer,
  Unprocessable,
} from '@event-tracker/queue';
import { type Running, withTimeout } from '@event-tracker/runtime';
import { classifyFailure, SoundEventsFail } from '@event-tracker/storage';
import { closeLimits } from './close-limits.ts';
import type { WorkerConfig } from './config.ts';
import type { WorkerStores } from './connect-stores.ts';
import { createJobHandlers } from './job-handlers.ts';
import type { BatchProcessor } from './process-batches.ts';
import { createStoresRun } from './stores-run.ts';
import { createTrialProcess } from './trial-process.ts';
import type { WorkerMetrics } from './worker-metrics.ts';

/** Jobs that left the quarantine and stay to be looked at on the queue board; entries of its stream of events. */
const quarantineJobsKept = 100;

/** Takes jobs off both lanes, and off the quarantine behind them. */
export function openConsumers(
  deps: Running<WorkerConfig> & {
    stores: WorkerStores;
    processor: BatchProcessor;
    held: HeldJobs;
    metrics: WorkerMetrics;
    onProgress(): void;
    now: () => number;
  },
): void {
  const { config, log, closers, stores, held } = deps;
  const { pool, laneRedis, quarantineRedis, postgresNote, redisNote } = stores;
  // Nothing is stored until somebody has mended the database: that is no warning.
  const tellFailure = (lane: string, cause: unknown) =>
    log[cause instanceof SoundEventsFail ? 'error' : 'warn']({ err: cause }, lane);
  const tellOnRedis = (lane: string) => (cause: unknown) =>
    laneRedis.status !== 'ready' || isReplicaError(cause) ? redisNote.away(cause) : tellFailure(lane, cause);

  const quarantine = createQuarantine({
    redis: quarantineRedis,
    completedJobsMax: quarantineJobsKept,
    queueEventsMax: quarantineJobsKept,
    onError: (cause) => log.debug({ err: cause }, 'the quarantine'),
  });
  closers.add('quarantine', () =>
    withTimeout(quarantine.close(), closeLimits.answerMs, 'it').catch(() => {}),
  );
  const handlersOf = createJobHandlers({
    ...deps,
    pool,
    quarantine,
    batchAgeMaxMs: config.lifetimes.batchAgeMaxMs,
  });
  const fastConsumer = startFastLaneConsumer({
    ...handlersOf('fast'),
    redis: laneRedis,
    jobsHeldMax: config.WORKER_JOBS_MAX,
    held,
    untilDue: deps.processor.untilDue,
    onError: tellOnRedis('fast lane'),
  });
  const durableConsumer = startDurableLaneConsumer({
    ...handlersOf('durable'),
    pool,
    queryTimeoutMs: config.DATABASE_TIMEOUT_MS,
    jobsHeldMax: config.WORKER_JOBS_MAX,
    held,
    onError: (cause) =>
      classifyFailure(cause) === 'away' && !(cause instanceof Unprocessable)
        ? postgresNote.away(cause)
        : tellFailure('durable lane', cause),
  });
  const trials = createTrialProcess({ limitMs: config.TRIAL_TIMEOUT_MS });
  const quarantineConsumer = startQuarantineConsumer({
    bury: handlersOf('quarantine').bury,
    redis: laneRedis,
    tryOut: trials.tryOut,
    trialLimitMs: config.TRIAL_TIMEOUT_MS,
    storesRun: createStoresRun({ pool, redis: quarantineRedis }),
    onError: tellOnRedis('quarantine'),
  });
  closers.add('lanes', async () => {
    const answers = Promise.all([pool.query('select'), laneRedis.ping()]);
    // They stop taking at once, while it is found out how long they may settle what they hold.
    const limitMs = withTimeout(answers, closeLimits.answerMs, 'the stores').then(
      () => closeLimits.drainMs,
      () => closeLimits.hangingDrainMs,
    );
    const consumers = [fastConsumer, durableConsumer, quarantineConsumer];
    await Promise.all(consumers.map((consumer) => consumer.close(limitMs)));
    trials.close();
  });
}
