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
 * received = stored + duplicate + dead + in flight. The lane is read before the rows, so that a batch that is
 * committed meanwhile is seen in the rows, and counted once. Throws NoStoreCanAnswer while PostgreSQL is away.
 */
export function createLedgerReader(deps: {
  books: BooksReader;
  readLane(): Promise<LaneContents>;
  onError(cause: unknown): void;
}): ReadLedger {
  const { books, readLane, onError } = deps;

  async function read(): Promise<LedgerAnswer> {
    const lane = await readLane().catch(onError);
    const entered = await books.read();
    const { stored, duplicate, dead } = entered;
    if (!lane)
      return {
        received: entered.received,
        duplicate,
        stored,
        dead,
        inFlight: null,
        missing: null,
        balanced: null,
      };
    const inFlight = sum(await uncommittedCounts(lane));
    // What was acknowledged and is neither committed nor on the lane is gone. Told only once the lane is empty.
    const missing = lane.size === 0 ? entered.uncommitted : 0;
    const balanced =
      missing === 0 && stored === entered.rows && entered.received === stored + duplicate + dead;
    return { received: entered.received + inFlight, duplicate, stored, dead, inFlight, missing, balanced };
  }

  async function uncommittedCounts(lane: LaneContents): Promise<number[]> {
    const uncommitted = await books.uncommitted([...lane.keys()]);
    return [...lane].filter(([batchId]) => uncommitted.has(batchId)).map(([, count]) => count);
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

function sum(counts: readonly number[]): number {
  return counts.reduce((total, count) => total + count, 0);
}
