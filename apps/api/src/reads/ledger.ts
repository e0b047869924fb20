import type { LaneContents } from '@event-tracker/queue';
import type { Books, BooksReader } from '@event-tracker/storage';
import { NoStoreCanAnswer } from './first-answer.ts';
import { imbalances } from './imbalance.ts';

/** In events, since the database was made. What only the lanes know is null while one of them can't be read. */
export interface LedgerAnswer {
  received: number;
  duplicate: number;
  stored: number;
  dead: number;
  inFlight: number | null;
  missing: number | null;
  balanced: boolean | null;
  /** What differs, while the books do not balance. */
  reasons?: string[];
}

export type LaneReader = () => Promise<LaneContents>;

export type ReadLedger = () => Promise<LedgerAnswer>;

/**
 * received = stored + duplicate + dead + in flight, at any moment, and a batch that vanished shows. Read are, in this
 * order:
 *
 *   A  what each producer has said that it acknowledged
 *   B  the batches on the lanes, lane by lane
 *   C  what was received of each producer, added up or waiting to be, and which of the batches of B are committed, as of
 *      one moment
 *
 *   missing = max(0, Σ over producers of max(0, acknowledged_A − received_C) − on lanes_C)
 *
 * No false alarm: an event that was acknowledged by A was on a lane then, and a batch leaves its lane only after its
 * commit. So at B it is on a lane, or it is committed, and C knows. Committed by C it counts in received_C of its
 * producer; not committed by C it was on a lane at B, and counts in on lanes_C. So with nothing lost no producer's
 * term exceeds what of it is on the lanes. A lane that hands batches on to another, as both do to the quarantine, stands
 * before it in `lanes`, and lanes are read one after the other: a batch is put on the second before it leaves the first.
 *
 * No loss goes unnamed for long: what is on the lanes can hide as many events that are gone, until it is committed. Once
 * the lanes are empty, missing is all that was acknowledged and not received.
 *
 * Throws NoStoreCanAnswer while PostgreSQL is away.
 */
export function createLedgerReader(deps: {
  books: BooksReader;
  lanes: readonly LaneReader[];
  onError(cause: unknown): void;
}): ReadLedger {
  const { books, lanes, onError } = deps;

  async function read(): Promise<LedgerAnswer> {
    const acknowledged = await books.acknowledged();
    const onLanes = await readLanes(lanes).catch(onError);
    let inBooks = await books.read(acknowledged, onLanes ?? new Map());
    // What was counted once is counted again before it is said that rows are missing.
    if (!rowsMatch(inBooks)) inBooks = await books.read(acknowledged, onLanes ?? new Map(), true);
    const { received, stored, duplicate, dead, waiting, uncommitted } = inBooks;
    const entered = { received, duplicate, stored, dead };
    if (!onLanes) return { ...entered, inFlight: null, missing: null, balanced: null };
    const missing = Math.max(0, uncommitted - inBooks.onLanes);
    const reasons = imbalances(inBooks, missing);
    const inFlight = inBooks.onLanes + waiting;
    const answer = { ...entered, received: received + inBooks.onLanes, inFlight, missing };
    return reasons.length === 0 ? { ...answer, balanced: true } : { ...answer, balanced: false, reasons };
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

const rowsMatch = ({ stored, rows }: Books) => stored === rows;

/** One after the other: see above. A batch that both lanes hold is one batch. */
export async function readLanes(lanes: readonly LaneReader[]): Promise<LaneContents> {
  const contents: LaneContents = new Map();
  for (const read of lanes) for (const [id, count] of await read()) contents.set(id, count);
  return contents;
}
