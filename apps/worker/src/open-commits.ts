import { randomUUID } from 'node:crypto';
import { createOutageNote, type Running, withTimeout } from '@event-tracker/runtime';
import { beatChannel, createLedger, type Ledger, type ViewDebts, type Views } from '@event-tracker/storage';
import { closeLimits } from './close-limits.ts';
import { withRetries } from './commit-retries.ts';
import type { WorkerConfig } from './config.ts';
import type { WorkerStores } from './connect-stores.ts';
import type { PostgresWait } from './postgres-wait.ts';
import { type BatchProcessor, createBatchProcessor } from './process-batches.ts';
import { createViewMerger } from './view-merger.ts';
import { startWorkerBeats } from './worker-beats.ts';
import type { WorkerMetrics } from './worker-metrics.ts';

/** Commits batches, merges the views after it, and tells the API what was committed. */
export function openCommits(
  deps: Running<WorkerConfig> & {
    stores: WorkerStores;
    /** For batches whose merged commit failed. */
    ledgerApart: Ledger;
    postgresWait: PostgresWait;
    views: Views;
    debts: ViewDebts;
    metrics: WorkerMetrics;
    onProgress(): void;
    now: () => number;
  },
): BatchProcessor {
  const { config, log, closers, stores, ledgerApart, postgresWait, views, debts, metrics, onProgress, now } =
    deps;
  const { pool, apartPool, viewsRedis } = stores;
  const merger = createViewMerger({
    views,
    probe: () => viewsRedis.ping(),
    note: createOutageNote(log, 'Redis (views)'),
  });
  closers.add('view merger', merger.close);
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
    onCommit: (commit) => beats.committed(commit.storedByType),
    views: merger,
    debts,
    commitEventsMax: config.COMMIT_EVENTS_MAX,
    commitBytesMax: config.COMMIT_BYTES_MAX,
    commitsInFlightMax: config.COMMITS_IN_FLIGHT_MAX,
    metrics,
    onProgress,
    onApart: (cause) => log.warn({ err: cause }, 'a commit failed: its batches are committed apart'),
    now,
    onError: (cause) => log.warn({ err: cause }, 'view debts are paid and could not be taken off yet'),
  });
  closers.add('commits', () =>
    withTimeout(processor.close(), closeLimits.hangingDrainMs, 'the commits').catch(() => {}),
  );
  return processor;
}
