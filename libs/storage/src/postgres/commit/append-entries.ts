import { type Batch, bucketStart, type TrackedEvent } from '@event-tracker/domain';
import { plainArray } from '../arrays.ts';
import { pendingVersion } from '../fold/pending-version.ts';
import { statement } from '../sql.ts';
import type { Send } from '../transaction.ts';

const insertPendingEntries = statement('insert-pending-entries');

/** What became of events of one producer: received = stored + duplicate + dead. */
export interface Entry {
  producer: string;
  /** Of the producer in all, when it made its latest batch among these. */
  acknowledged: number;
  received: number;
  stored: number;
  duplicate: number;
  dead: number;
  /** Start of the hour that the stored ones belong to; undefined where none was stored. Milliseconds since the epoch. */
  hour: number | undefined;
  /** When the API took the first of them. */
  firstReceivedAt: number;
}

/** Appends what a fold is to enter in the books. */
export function appendEntries(send: Send, entries: readonly Entry[]): void {
  if (entries.length === 0) return;
  void send(insertPendingEntries, [
    plainArray(entries.map((entry) => entry.producer)),
    plainArray(entries.map((entry) => entry.acknowledged)),
    plainArray(entries.map((entry) => entry.received)),
    plainArray(entries.map((entry) => entry.stored)),
    plainArray(entries.map((entry) => entry.duplicate)),
    plainArray(entries.map((entry) => entry.dead)),
    plainArray(entries.map((entry) => entry.hour)),
    plainArray(entries.map((entry) => entry.firstReceivedAt)),
    pendingVersion,
  ]);
}

/** The books of these batches: a row a producer and hour of what was stored, one more where nothing of it was. */
export function entriesOf(
  batches: readonly Batch[],
  stored: ReadonlySet<TrackedEvent>,
  dead: ReadonlyMap<TrackedEvent, unknown>,
): Entry[] {
  const entries = new Map<string, Entry>();
  for (const { producer, acknowledged, events } of batches) {
    let entry: Entry | undefined;
    for (const event of events) {
      const isStored = stored.has(event);
      const hour = isStored ? bucketStart(event.occurredAt, 'hour') : undefined;
      // Neighbours mostly share one, and making a key costs more than all the rest.
      if (entry === undefined || entry.hour !== hour) entry = entryOf(entries, producer, hour);
      entry.acknowledged = Math.max(entry.acknowledged, acknowledged);
      entry.firstReceivedAt = Math.min(entry.firstReceivedAt, event.receivedAt);
      entry.received += 1;
      if (isStored) entry.stored += 1;
      else if (dead.has(event)) entry.dead += 1;
      else entry.duplicate += 1;
    }
  }
  return [...entries.values()];
}

function entryOf(entries: Map<string, Entry>, producer: string, hour: number | undefined): Entry {
  const key = `${producer} ${hour}`;
  const known = entries.get(key);
  if (known) return known;
  const entry: Entry = {
    producer,
    acknowledged: 0,
    received: 0,
    stored: 0,
    duplicate: 0,
    dead: 0,
    hour,
    firstReceivedAt: Number.POSITIVE_INFINITY,
  };
  entries.set(key, entry);
  return entry;
}
