import type { Batch, TrackedEvent } from '@event-tracker/domain';
import { plainArray } from '../arrays.ts';
import { statement } from '../sql.ts';
import type { Send } from '../transaction.ts';

const addToProducers = statement('add-to-producers');

/** What became of the events of a batch. What is neither stored nor dead is a duplicate. */
export interface Entry {
  producer: string;
  acknowledged: number;
  received: number;
  stored: number;
  dead: number;
}

/** Enters batches in the books of their producers: received = stored + duplicate + dead, in events. */
export function addToBooks(send: Send, entries: readonly Entry[]): void {
  const books = new Map<string, Entry>();
  for (const entry of entries) {
    const book = books.get(entry.producer);
    if (book === undefined) {
      books.set(entry.producer, { ...entry });
      continue;
    }
    book.acknowledged = Math.max(book.acknowledged, entry.acknowledged);
    book.received += entry.received;
    book.stored += entry.stored;
    book.dead += entry.dead;
  }
  const rows = [...books.values()];
  void send(addToProducers, [
    plainArray(rows.map((book) => book.producer)),
    plainArray(rows.map((book) => book.acknowledged)),
    plainArray(rows.map((book) => book.received)),
    plainArray(rows.map((book) => book.stored)),
    plainArray(rows.map((book) => book.received - book.stored - book.dead)),
    plainArray(rows.map((book) => book.dead)),
  ]);
}

export function entriesOf(
  batches: readonly Batch[],
  stored: ReadonlySet<TrackedEvent>,
  dead: ReadonlyMap<TrackedEvent, unknown>,
): Entry[] {
  return batches.map(({ producer, acknowledged, events }) => ({
    producer,
    acknowledged,
    received: events.length,
    stored: events.filter((event) => stored.has(event)).length,
    dead: events.filter((event) => dead.has(event)).length,
  }));
}
