import type { Batch } from '@event-tracker/domain';
import { createGroupCommit } from '@event-tracker/queue';
import type { Commit, Ledger, ViewDebts } from '@event-tracker/storage';
import type { ViewMerger } from './view-merger.ts';

export interface BatchProcessor {
  /** Resolves when the batch is committed and shown, or committed with its view debt standing. */
  process(batch: Batch): Promise<void>;
  /** Resolves when all that was taken is settled. */
  close(): Promise<void>;
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
  commitEventsMax: number;
  commitsInFlightMax: number;
  onError(cause: unknown): void;
}): BatchProcessor {
  const { ledger, views, debts, onError } = deps;
  let paid: number[] = [];
  let idle: NodeJS.Timeout | undefined;

  async function flush(batches: Batch[]): Promise<void> {
    clearTimeout(idle);
    const paidBefore = paid;
    paid = [];
    let commit: Commit;
    try {
      commit = await ledger.commit(batches, paidBefore);
    } catch (cause) {
      paid.push(...paidBefore);
      throw cause;
    }
    await show(commit);
    clearTimeout(idle);
    idle = setTimeout(() => void payRest(), idleMs);
  }

  async function show({ counts, recentKeywords, debtId }: Commit): Promise<void> {
    if (debtId === undefined) return;
    if (await views.merge(counts, recentKeywords)) paid.push(debtId);
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

  const group = createGroupCommit<Batch>({
    flush,
    sizeOf: (batch) => batch.events.length,
    groupMax: deps.commitEventsMax,
    inFlightMax: deps.commitsInFlightMax,
    // What a worker holds is bounded by the jobs that it takes.
    pendingMax: Number.POSITIVE_INFINITY,
  });

  return {
    process: (batch) => group.submit(batch),
    async close() {
      await group.close();
      clearTimeout(idle);
      await payRest();
    },
  };
}
