import {
  type Batch,
  countChanges,
  likeCountChanges,
  noCounts,
  type RecentKeyword,
  recentKeywords,
  type SubjectCount,
  type TrackedEvent,
  type TypeCounts,
} from '@event-tracker/domain';
import { plainArray } from './arrays.ts';
import { addCounts } from './commit/add-counts.ts';
import { addLikeCounts } from './commit/add-like-counts.ts';
import { addToBooks, entriesOf } from './commit/add-to-books.ts';
import { applyLikes } from './commit/apply-likes.ts';
import { claimBatches } from './commit/claim-batches.ts';
import { dropDuplicates } from './commit/drop-duplicates.ts';
import { type Death, deadLetterRows, insertDeadLetters } from './commit/insert-dead-letters.ts';
import { insertEvents } from './commit/insert-events.ts';
import { insertViewDebt } from './commit/insert-view-debt.ts';
import { markLateDays } from './commit/mark-late-days.ts';
import type { Pool } from './pool.ts';
import { statement } from './sql.ts';
import { inTransaction, type Send } from './transaction.ts';

export interface Commit {
  /** Events by what became of them. Those of batches that were committed before count in none. */
  stored: number;
  storedByType: TypeCounts;
  duplicate: number;
  dead: number;
  /** The batches that were committed now, as they were given. */
  committed: readonly Batch[];
  /** Of one of their events. */
  fateOf(event: TrackedEvent): EventFate;
  /** Batches that were committed before. */
  repeatedBatches: number;
  /** Absolute counts of the subjects that this commit touched, for the views. */
  counts: SubjectCount[];
  recentKeywords: RecentKeyword[];
  /** Paid by merging the above; undefined when there is nothing to merge. */
  debtId: number | undefined;
}

export type EventFate = 'stored' | 'duplicate' | 'dead';

export interface Ledger {
  /**
   * Commits batches in one transaction: each once, whatever was delivered before or is delivered beside it.
   * Rejects when nothing was committed, or when that is not known; committing again is always right.
   *
   * @param paidDebts view debts whose minutes are merged: their rows go with this commit
   * @param dead events of these batches that go to the dead letters instead
   */
  commit(
    batches: readonly Batch[],
    paidDebts: readonly number[],
    dead?: ReadonlyMap<TrackedEvent, Death>,
  ): Promise<Commit>;
  /** Rejects as a commit would, and leaves nothing behind. */
  probe(batches: readonly Batch[]): Promise<void>;
}

const deleteViewDebts = statement('delete-view-debts');

/**
 * All commits touch the tables in one order, and the rows of a table in key order, so that they cannot deadlock; rows
 * that every commit shares come last, so that they are locked for the shortest time.
 */
export function createLedger({ pool, now }: { pool: Pool; now: () => number }): Ledger {
  async function apply(
    send: Send,
    batches: readonly Batch[],
    dead: ReadonlyMap<TrackedEvent, Death>,
    afterClaim = () => {},
  ): Promise<Commit> {
    const ours = await claimBatches(
      send,
      batches.map((batch) => ({ ...batch, eventCount: batch.events.length })),
    );
    afterClaim();
    const repeatedBatches = batches.length - ours.length;
    if (ours.length === 0) return { ...nothing, repeatedBatches };

    // A dead event leaves no key behind: mended and sent again under its id, it counts.
    const living = dead.size === 0 ? ours : ours.map((batch) => withoutDead(batch, dead));
    const events = await dropDuplicates(send, living);
    insertEvents(send, events);
    const effective = await applyLikes(send, events);
    const sent = [insertViewDebt(send, events), addCounts(send, countChanges(events, effective))] as const;
    markLateDays(send, events, now());
    const liked = addLikeCounts(send, likeCountChanges(effective));
    insertDeadLetters(send, deadLetterRows(ours, dead));
    const stored = new Set(events);
    const entries = entriesOf(ours, stored, dead);
    addToBooks(send, entries);
    const [debtId, counts] = await Promise.all([...sent, liked]);
    const sum = (of: (entry: (typeof entries)[number]) => number) =>
      entries.reduce((total, entry) => total + of(entry), 0);
    return {
      stored: events.length,
      storedByType: countTypes(events),
      duplicate: sum(({ received, stored, dead }) => received - stored - dead),
      dead: sum((entry) => entry.dead),
      committed: ours,
      fateOf: (event) => (stored.has(event) ? 'stored' : dead.has(event) ? 'dead' : 'duplicate'),
      repeatedBatches,
      counts,
      recentKeywords: recentKeywords(events, now()),
      debtId,
    };
  }

  return {
    commit: (batches, paidDebts, dead = new Map()) =>
      inTransaction(pool, (send) =>
        apply(send, batches, dead, () => {
          if (paidDebts.length > 0) void send(deleteViewDebts, [plainArray(paidDebts)]);
        }),
      ),
    async probe(batches) {
      await inTransaction(pool, (send) => apply(send, batches, new Map()), 'rollback');
    },
  };
}

function withoutDead(batch: Batch, dead: ReadonlyMap<TrackedEvent, Death>): Batch {
  return { ...batch, events: batch.events.filter((event) => !dead.has(event)) };
}

function countTypes(events: readonly TrackedEvent[]): TypeCounts {
  const counts = noCounts();
  for (const { eventType } of events) counts[eventType] += 1;
  return counts;
}

const nothing: Commit = {
  stored: 0,
  storedByType: noCounts(),
  duplicate: 0,
  dead: 0,
  committed: [],
  fateOf: () => 'duplicate',
  repeatedBatches: 0,
  counts: [],
  recentKeywords: [],
  debtId: undefined,
};
