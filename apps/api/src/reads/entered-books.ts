import type { BooksReader, EnteredBooks, EnteredBooksReader } from '@event-tracker/storage';
import { NoStoreCanAnswer } from './first-answer.ts';
import { type LaneReader, type LedgerAnswer, readLanes } from './ledger.ts';

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

export type ReadEntered = () => Promise<Omit<LedgerAnswer, 'balanced' | 'reasons'>>;

/** The same as an answer: what only the lanes know is null while one of them is away. Throws NoStoreCanAnswer. */
export function createEnteredReader(deps: {
  books: Pick<BooksReader, 'acknowledged'> & EnteredBooksReader;
  lanes: readonly LaneReader[];
  onError(cause: unknown): void;
}): ReadEntered {
  const { books, lanes, onError } = deps;

  async function read() {
    const acknowledged = await books.acknowledged();
    const onLanes = await readLanes(lanes).catch(onError);
    const inBooks = await books.readEntered(acknowledged, onLanes ?? new Map());
    const { received, stored, duplicate, dead, waiting, uncommitted } = inBooks;
    const entered = { received, duplicate, stored, dead };
    if (!onLanes) return { ...entered, inFlight: null, missing: null };
    return {
      ...entered,
      received: received + inBooks.onLanes,
      inFlight: inBooks.onLanes + waiting,
      missing: Math.max(0, uncommitted - inBooks.onLanes),
    };
  }

  return async () => {
    try {
      return await read();
    } catch (cause) {
      onError(cause);
      throw new NoStoreCanAnswer();
    }
  };
}
