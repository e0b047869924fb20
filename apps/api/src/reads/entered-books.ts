import type { BooksReader, EnteredBooks, EnteredBooksReader } from '@event-tracker/storage';
import { type LaneReader, readLanes } from './ledger.ts';

/**
 * The books for those who ask again and again: at a cost that does not grow with the events of a day, so whether they
 * balance with the rows is not told. What is missing is found as in ledger.ts. Rejects while a store is away.
 */
export async function readEnteredBooks(deps: {
  books: Pick<BooksReader, 'acknowledged'> & EnteredBooksReader;
  lanes: readonly LaneReader[];
}): Promise<EnteredBooks & { missing: number }> {
  const acknowledged = await deps.books.acknowledged();
  const entered = await deps.books.readEntered(acknowledged, await readLanes(deps.lanes));
  return { ...entered, missing: Math.max(0, entered.uncommitted - entered.onLanes) };
}
