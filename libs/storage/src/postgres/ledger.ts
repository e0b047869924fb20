import { type Batch, changesOf, noCounts, type TrackedEvent, type TypeCounts } from '@event-tracker/domain';
import { appendChanges } from './commit/append-changes.ts';
import { appendEntries, type Entry, entriesOf } from './commit/append-entries.ts';
import { claimBatches } from './commit/claim-batches.ts';
import { dropDuplicates } from './commit/drop-duplicates.ts';
import { type Death, deadLetterRows, insertDeadLetters } from './commit/insert-dead-letters.ts';
import { insertEvents } from './commit/insert-events.ts';
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
  /** Rows that it left for folds to add up. */
  appendedRows: number;
}

export type EventFate = 'stored' | 'duplicate' | 'dead';

export interface Ledger {
  /**
   * Commits batches in one transaction: each once, whatever was delivered before or is delivered beside it. What they
   * change in counts, likes and books is appended, for a fold to add up.
   * Rejects when nothing was committed, or when that is not known; committing again is always right.
   *
   * @param dead events of these batches that go to the dead letters instead
   */
  commit(batches: readonly Batch[], dead?: ReadonlyMap<TrackedEvent, Death>): Promise<Commit>;
  /** Rejects as a commit would, and leaves nothing behind. */
  probe(batches: readonly Batch[]): Promise<void>;
}

const countShards = statement('count-shards');

/**
 * A commit only inserts, and shares no row with another one: two wait for each other only over the same batch, or over
 * the same id of a client.
 */
export function createLedger({ pool, now }: { pool: Pool; now: () => number }): Ledger {
  let shards: number | undefined;

  async function apply(
    send: Send,
    batches: readonly Batch[],
    dead: ReadonlyMap<TrackedEvent, Death>,
  ): Promise<Commit> {
    const ours = await claimBatches(
      send,
      batches.map((batch) => ({ ...batch, eventCount: batch.events.length })),
    );
    const repeatedBatches = batches.length - ours.length;
    if (ours.length === 0) return { ...nothing, repeatedBatches };

    // A dead event leaves no key behind: mended and sent again under its id, it counts.
    const living = dead.size === 0 ? ours : ours.map((batch) => withoutDead(batch, dead));
    const events = await dropDuplicates(send, living);
    insertEvents(send, events);
    shards ??= (await send<{ shards: number }>(countShards, []))[0]!.shards;
    const appendedRows = appendChanges(send, changesOf(events, { shards, now: now() }));
    const stored = new Set(events);
    const entries = entriesOf(ours, stored, dead);
    appendEntries(send, entries);
    insertDeadLetters(send, deadLetterRows(ours, dead));
    const sum = (of: (entry: Entry) => number) => entries.reduce((total, entry) => total + of(entry), 0);
    return {
      stored: events.length,
      storedByType: countTypes(events),
      duplicate: sum((entry) => entry.duplicate),
      dead: sum((entry) => entry.dead),
      committed: ours,
      fateOf: (event) => (stored.has(event) ? 'stored' : dead.has(event) ? 'dead' : 'duplicate'),
      repeatedBatches,
      appendedRows,
    };
  }

  return {
    commit: (batches, dead = new Map()) => inTransaction(pool, (send) => apply(send, batches, dead)),
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
  appendedRows: 0,
};
