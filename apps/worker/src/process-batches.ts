import { type Batch, eventsBytes } from '@event-tracker/domain';
import { createGroupCommit, NeedsTrial } from '@event-tracker/queue';
import type { Commit, Ledger, ViewDebts } from '@event-tracker/storage';
import { createApartCommits } from './commit-apart.ts';
import { CommitFails } from './commit-retries.ts';
import type { ViewMerger } from './view-merger.ts';
import type { WorkerMetrics } from './worker-metrics.ts';

export interface BatchProcessor {
  /**
   * Resolves when the batch is committed and shown, or committed with its view debt standing. Rejects with NeedsTrial when
   * it can't be committed, alone either.
   */
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

/** Batches that failed alone and could not be moved yet: so many are remembered. */
const failedAloneMax = 1000;

/** A paid debt goes with the next commit; when none follows, after so long. */
const idleMs = 50;

/**
 * The worker's group commit: batches that are held at one time become one transaction. After it the views are merged;
 * a merge that fails leaves the commit's view debt standing, which any worker pays later.
 */
export function createBatchProcessor(deps: {
  ledger: Pick<Ledger, 'commit'>;
  /** The same for batches whose merged commit failed: it gives up sooner. */
  ledgerApart: Pick<Ledger, 'commit'>;
  views: ViewMerger;
  debts: ViewDebts;
  onCommit(commit: Commit): void;
  commitEventsMax: number;
  /** Of what its events take in memory. */
  commitBytesMax: number;
  commitsInFlightMax: number;
  metrics: WorkerMetrics;
  /** A commit is done. */
  onProgress(): void;
  /** A commit failed while PostgreSQL takes events: its batches are committed apart. */
  onApart(cause: CommitFails): void;
  now: () => number;
  onError(cause: unknown): void;
}): BatchProcessor {
  const { ledger, ledgerApart, views, debts, metrics, onProgress, onApart, now, onError } = deps;
  let paid: number[] = [];
  let idle: NodeJS.Timeout | undefined;

  async function flush(to: Pick<Ledger, 'commit'>, taken: readonly TakenBatch[]): Promise<void> {
    const batches = taken.map(({ batch }) => batch);
    const began = performance.now();
    clearTimeout(idle);
    const paidBefore = paid;
    paid = [];
    let commit: Commit;
    try {
      commit = await to.commit(batches, paidBefore);
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

  async function commitTogether(taken: readonly TakenBatch[]): Promise<void> {
    try {
      // Where some fail more may come: while there is such trouble, none keeps the others waiting for long.
      await flush(apart.pending() > 0 ? ledgerApart : ledger, taken);
    } catch (cause) {
      if (cause instanceof CommitFails && cause.batches > 1) onApart(cause);
      throw cause;
    }
  }

  const bytesAnEvent = deps.commitBytesMax / deps.commitEventsMax;
  // In events; heavy ones count for as many usual ones as take their bytes.
  const sizeOf = ({ batch: { events } }: TakenBatch) =>
    Math.max(events.length, eventsBytes(events) / bytesAnEvent);
  const group = createGroupCommit<TakenBatch>({
    flush: commitTogether,
    sizeOf,
    groupMax: deps.commitEventsMax,
    inFlightMax: deps.commitsInFlightMax,
    // What a worker holds is bounded by the jobs that it fetches.
    pendingMax: Number.POSITIVE_INFINITY,
  });

  const apart = createApartCommits<TakenBatch>({
    commit: (taken) => flush(ledgerApart, taken),
    sizeOf,
    commitMax: deps.commitEventsMax,
  });

  /** They come again when the quarantine can't be reached, and must not fail a commit with others once more. */
  const failedAlone = new Set<string>();

  async function commit(taken: TakenBatch): Promise<void> {
    if (failedAlone.has(taken.batch.id)) return apart.submit(taken);
    try {
      await group.submit(taken);
    } catch (cause) {
      if (!(cause instanceof CommitFails)) throw cause;
      if (cause.batches === 1) throw new NeedsTrial(cause.message, { cause });
      await apart.submit(taken);
    }
  }

  async function process(taken: TakenBatch): Promise<void> {
    const { id } = taken.batch;
    try {
      await commit(taken);
      failedAlone.delete(id);
    } catch (cause) {
      if (cause instanceof NeedsTrial) {
        failedAlone.add(id);
        if (failedAlone.size > failedAloneMax) failedAlone.delete(failedAlone.values().next().value!);
      }
      throw cause;
    }
  }

  return {
    process: (batch, lane) => process({ batch, lane }),
    held: () => group.pending() + apart.pending(),
    async close() {
      await group.close();
      await apart.close();
      clearTimeout(idle);
      await payRest();
    },
  };
}
