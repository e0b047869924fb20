import type { Batch, TrackedEvent } from '@event-tracker/domain';
import { plainArray } from '../arrays.ts';
import { statement } from '../sql.ts';
import type { Send } from '../transaction.ts';

const addToProducers = statement('add-to-producers');

/** Enters the batches in the books of their producers: received = stored + duplicate + dead, in events. */
export function addToBooks(
  send: Send,
  batches: readonly Batch[],
  stored: readonly TrackedEvent[],
): { received: number } {
  const isStored = new Set(stored);
  const books = new Map<string, { acknowledged: number; received: number; stored: number }>();
  let received = 0;
  for (const { producer, acknowledged, events } of batches) {
    const book = books.get(producer) ?? { acknowledged: 0, received: 0, stored: 0 };
    book.acknowledged = Math.max(book.acknowledged, acknowledged);
    book.received += events.length;
    for (const event of events) if (isStored.has(event)) book.stored += 1;
    books.set(producer, book);
    received += events.length;
  }
  const rows = [...books.values()];
  void send(addToProducers, [
    plainArray([...books.keys()]),
    plainArray(rows.map((book) => book.acknowledged)),
    plainArray(rows.map((book) => book.received)),
    plainArray(rows.map((book) => book.stored)),
    plainArray(rows.map((book) => book.received - book.stored)),
    plainArray(rows.map(() => 0)),
  ]);
  return { received };
}
