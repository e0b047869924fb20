import {
  type Batch,
  countChanges,
  type RecentKeyword,
  recentKeywords,
  type SubjectCount,
} from '@event-tracker/domain';
import { plainArray } from './arrays.ts';
import { addCounts } from './commit/add-counts.ts';
import { addToBooks } from './commit/add-to-books.ts';
import { applyLikes } from './commit/apply-likes.ts';
import { claimBatches } from './commit/claim-batches.ts';
import { dropDuplicates } from './commit/drop-duplicates.ts';
import { insertEvents } from './commit/insert-events.ts';
import { insertViewDebt } from './commit/insert-view-debt.ts';
import { markLateDays } from './commit/mark-late-days.ts';
import type { Pool } from './pool.ts';
import { statement } from './sql.ts';
import { inTransaction } from './transaction.ts';

export interface Commit {
  /** Events by what became of them. Those of batches that were committed before count in neither. */
  stored: number;
  duplicate: number;
  /** Batches that were committed before. */
  repeatedBatches: number;
  /** Absolute counts of the subjects that this commit touched, for the views. */
  counts: SubjectCount[];
  recentKeywords: RecentKeyword[];
  /** Paid by merging the above; undefined when there is nothing to merge. */
  debtId: number | undefined;
}

export interface Ledger {
  /**
   * Commits batches in one transaction: each once, whatever was delivered before or is delivered beside it.
   * Rejects when nothing was committed, or when that is not known; committing again is always right.
   *
   * @param paidDebts view debts whose minutes are merged: their rows go with this commit
   */
  commit(batches: readonly Batch[], paidDebts: readonly number[]): Promise<Commit>;
}

const deleteViewDebts = statement('delete-view-debts');

/**
 * All commits touch the tables in one order, and the rows of a table in key order, so that they cannot deadlock; rows
 * that every commit shares come last, so that they are locked for the shortest time.
 */
export function createLedger({ pool, now }: { pool: Pool; now: () => number }): Ledger {
  return {
    commit: (batches, paidDebts) =>
      inTransaction(pool, async (send) => {
        const ours = await claimBatches(send, batches);
        if (paidDebts.length > 0) void send(deleteViewDebts, [plainArray(paidDebts)]);
        const repeatedBatches = batches.length - ours.length;
        if (ours.length === 0) return { ...nothing, repeatedBatches };

        const events = await dropDuplicates(send, ours);
        insertEvents(send, events);
        const effective = await applyLikes(send, events);
        const sent = [
          insertViewDebt(send, events),
          addCounts(send, countChanges(events, effective)),
        ] as const;
        markLateDays(send, events, now());
        const { received } = addToBooks(send, ours, events);
        const [debtId, counts] = await Promise.all(sent);
        return {
          stored: events.length,
          duplicate: received - events.length,
          repeatedBatches,
          counts,
          recentKeywords: recentKeywords(events, now()),
          debtId,
        };
      }),
  };
}

const nothing: Commit = {
  stored: 0,
  duplicate: 0,
  repeatedBatches: 0,
  counts: [],
  recentKeywords: [],
  debtId: undefined,
};
