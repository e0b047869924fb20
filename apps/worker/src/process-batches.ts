import type { Batch } from '@event-tracker/domain';
import { createGroupCommit } from '@event-tracker/queue';
import type { Commit, Ledger } from '@event-tracker/storage';
import type { WorkerMetrics } from './worker-metrics.ts';

export interface BatchProcessor {
  /** Resolves when the batch is committed. */
  process(batch: Batch, lane: string): Promise<void>;
  /** Events of the batches that are not settled. */
  held(): number;
  /** Resolves when all that was taken is settled. */
  close(): Promise<void>;
}

interface TakenBatch {
  batch: Batch;
  /** The lane that it was taken from. */
  lane: string;
}

/**
 * The worker's group commit: batches that are held at one time become one transaction. What they change is appended, and
 * added up by folds, for which no batch waits.
 */
export function createBatchProcessor(deps: {
  ledger: Pick<Ledger, 'commit'>;
  /** Resolves when a commit may append: what waits to be added up is bounded. */
  mayAppend(): Promise<void>;
  onCommit(commit: Commit): void;
  commitEventsMax: number;
  commitsInFlightMax: number;
  metrics: WorkerMetrics;
  /** A commit is done. */
  onProgress(): void;
}): BatchProcessor {
  const { ledger, mayAppend, metrics, onProgress } = deps;

  async function flush(taken: readonly TakenBatch[]): Promise<void> {
    await mayAppend();
    const batches = taken.map(({ batch }) => batch);
    const began = performance.now();
    let commit: Commit;
    try {
      commit = await ledger.commit(batches);
    } catch (cause) {
      metrics.failed();
      throw cause;
    }
    onProgress();
    const events = batches.reduce((sum, batch) => sum + batch.events.length, 0);
    metrics.committed(batches.length, events, (performance.now() - began) / 1000);
    deps.onCommit(commit);
    countEvents(commit, taken);
  }

  function countEvents({ committed, fateOf }: Commit, taken: readonly TakenBatch[]): void {
    const laneOf = new Map(taken.map(({ batch, lane }) => [batch.id, lane]));
    for (const batch of committed) {
      const lane = laneOf.get(batch.id)!;
      for (const event of batch.events) metrics.event(event.eventType, fateOf(event), lane);
    }
  }

  const group = createGroupCommit<TakenBatch>({
    flush,
    sizeOf: ({ batch }) => batch.events.length,
    groupMax: deps.commitEventsMax,
    inFlightMax: deps.commitsInFlightMax,
    // What a worker holds is bounded by the jobs that it takes.
    pendingMax: Number.POSITIVE_INFINITY,
  });

  return {
    process: (batch, lane) => group.submit({ batch, lane }),
    held: group.pending,
    close: () => group.close(),
  };
}
