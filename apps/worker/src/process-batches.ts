import type { Batch } from '@event-tracker/domain';
import { createGroupCommit } from '@event-tracker/queue';
import type { Commit, Ledger, ViewDebts } from '@event-tracker/storage';
import type { ViewMerger } from './view-merger.ts';
import type { WorkerMetrics } from './worker-metrics.ts';

export interface BatchProcessor {
  /** Resolves when the batch is committed and shown, or committed with its view debt standing. */
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

/** A paid debt goes with the next commit; when none follows, after so long. */
const idleMs = 50;

/**
 * The worker's group commit: batches that are held at one time become one transaction. After it the views are merged;
 * a merge that fails leaves the commit's view debt standing, which any worker pays later.
 */
export function createBatchProcessor(deps: {
  ledger: Pick<Ledger, 'commit'>;
  views: ViewMerger;
  debts: ViewDebts;
  onCommit(commit: Commit): void;
  commitEventsMax: number;
  commitsInFlightMax: number;
  metrics: WorkerMetrics;
  /** A commit is done. */
  onProgress(): void;
  now: () => number;
  onError(cause: unknown): void;
}): BatchProcessor {
  const { ledger, views, debts, metrics, onProgress, now, onError } = deps;
  let paid: number[] = [];
  let idle: NodeJS.Timeout | undefined;

  async function flush(taken: readonly TakenBatch[]): Promise<void> {
    const batches = taken.map(({ batch }) => batch);
    const began = performance.now();
    clearTimeout(idle);
    const paidBefore = paid;
    paid = [];
    let commit: Commit;
    try {
      commit = await ledger.commit(batches, paidBefore);
    } catch (cause) {
      paid.push(...paidBefore);
      metrics.failed();
      throw cause;
    }
    onProgress();
    const events = batches.reduce((sum, batch) => sum + batch.events.length, 0);
    metrics.committed(batches.length, events, (performance.now() - began) / 1000);
    deps.onCommit(commit);
    await show(commit);
    countEvents(commit, taken);
    clearTimeout(idle);
    idle = setTimeout(() => void payRest(), idleMs);
  }

  async function show({ counts, recentKeywords, debtId }: Commit): Promise<void> {
    if (debtId === undefined) return;
    const began = performance.now();
    const reached = await views.merge(counts, recentKeywords);
    metrics.merged((performance.now() - began) / 1000, reached);
    if (reached) paid.push(debtId);
  }

  function countEvents({ committed, fateOf }: Commit, taken: readonly TakenBatch[]): void {
    const laneOf = new Map(taken.map(({ batch, lane }) => [batch.id, lane]));
    for (const batch of committed) {
      const lane = laneOf.get(batch.id)!;
      for (const event of batch.events) metrics.event(event.eventType, fateOf(event), lane);
      metrics.visible(batch, now());
    }
  }

  async function payRest(): Promise<void> {
    const ids = paid;
    paid = [];
    if (ids.length === 0) return;
    await debts.pay(ids).catch((cause: unknown) => {
      paid.push(...ids);
      onError(cause);
    });
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
    async close() {
      await group.close();
      clearTimeout(idle);
      await payRest();
    },
  };
}
