import type { LaneContents } from '@event-tracker/queue';
import type { BooksReader } from '@event-tracker/storage';
import { NoStoreCanAnswer } from './first-answer.ts';

/** In events, since the database was made. What only the lane knows is null while Redis is away. */
export interface LedgerAnswer {
  received: number;
  duplicate: number;
  stored: number;
  dead: number;
  inFlight: number | null;
  missing: number | null;
  balanced: boolean | null;
}

export type ReadLedger = () => Promise<LedgerAnswer>;

/**
 * received = stored + duplicate + dead + in flight. The lane is read first, then the books and what of the lane is not
 * committed, as of one moment: a batch that is committed in between is counted in the books, and there alone. Throws
 * NoStoreCanAnswer while PostgreSQL is away.
 */
export function createLedgerReader(deps: {
  books: BooksReader;
  readLane(): Promise<LaneContents>;
  onError(cause: unknown): void;
}): ReadLedger {
  const { books, readLane, onError } = deps;

  async function read(): Promise<LedgerAnswer> {
    const lane = await readLane().catch(onError);
    const { received, stored, duplicate, dead, inFlight, uncommitted, rows } = await books.read(
      lane ?? new Map(),
    );
    const entered = { received, duplicate, stored, dead };
    if (!lane) return { ...entered, inFlight: null, missing: null, balanced: null };
    // What was acknowledged and is neither committed nor on the lane is gone. Told only once the lane is empty.
    const missing = lane.size === 0 ? uncommitted : 0;
    const balanced = missing === 0 && stored === rows && received === stored + duplicate + dead;
    return { ...entered, received: received + inFlight, inFlight, missing, balanced };
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
