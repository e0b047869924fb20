import { randomUUID } from 'node:crypto';
import { type Running, withTimeout } from '@event-tracker/runtime';
import { beatChannel, createLedger, type Ledger } from '@event-tracker/storage';
import { closeLimits } from './close-limits.ts';
import { withRetries } from './commit-retries.ts';
import type { WorkerConfig } from './config.ts';
import type { WorkerStores } from './connect-stores.ts';
import type { OpenFolds } from './open-folds.ts';
import type { PostgresWait } from './postgres-wait.ts';
import { type BatchProcessor, createBatchProcessor } from './process-batches.ts';
import { startWorkerBeats } from './worker-beats.ts';
import type { WorkerMetrics } from './worker-metrics.ts';

/** Once this number of batches waits, a lane has more: the commit begins without waiting for company. */
const batchesEnough = 32;

/** Commits batches, and reports to the API what was committed. */
export function openCommits(
  deps: Running<WorkerConfig> & {
    stores: WorkerStores;
    /** For batches whose merged commit failed. */
    ledgerApart: Ledger;
    postgresWait: PostgresWait;
    folds: OpenFolds;
    metrics: WorkerMetrics;
    onProgress(): void;
    now: () => number;
  },
): BatchProcessor {
  const { config, log, closers, stores, ledgerApart, postgresWait, folds, metrics, onProgress, now } = deps;
  const { pool, apartPool, viewsRedis } = stores;
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
    ledgerApart: withRetries(ledgerApart, apartPool, postgresWait),
    mayAppend: folds.mayAppend,
    onCommit(commit) {
      beats.committed(commit.storedByType);
      if (commit.committed.length > 0) folds.appended(commit.appendedRows);
    },
    commitEventsMax: config.COMMIT_EVENTS_MAX,
    commitBytesMax: config.COMMIT_BYTES_MAX,
    commitsInFlightMax: config.COMMITS_IN_FLIGHT_MAX,
    commitEveryMs: config.COMMIT_EVERY_MS,
    companyEnough: batchesEnough,
    metrics,
    onProgress,
    onApart: (cause) => log.warn({ err: cause }, 'a commit failed: its batches are committed apart'),
  });
  closers.add('commits', () =>
    withTimeout(processor.close(), closeLimits.hangingDrainMs, 'the commits').catch(() => {}),
  );
  return processor;
}
