import { plainArray } from './arrays.ts';
import type { Pool } from './pool.ts';
import { statement } from './sql.ts';

/** In events, since the database was made; all as of one moment. */
export interface Books {
  received: number;
  stored: number;
  duplicate: number;
  dead: number;
  /** What producers had acknowledged beyond what was committed of theirs: on a lane still, or gone. */
  uncommitted: number;
  /** Rows of `event`. */
  rows: number;
  /** Of the batches on the lanes, the events of those that are not committed. */
  onLanes: number;
  /** Committed, and not added up: in `received`, and in none of the others. */
  waiting: number;
}

/** Events that producers have acknowledged, by their ids. */
export type Acknowledged = ReadonlyMap<string, number>;

/** The books without the rows that stand for them. */
export type EnteredBooks = Omit<Books, 'rows'>;

export interface BooksReader {
  acknowledged(): Promise<Acknowledged>;
  /**
   * @param acknowledged read before the lanes were
   * @param onLanes the batches on the lanes by id, with their numbers of events
   * @param anew whether the rows of today and of yesterday are all counted, also those that were counted before
   */
  read(acknowledged: Acknowledged, onLanes: ReadonlyMap<string, number>, anew?: boolean): Promise<Books>;
}

export interface EnteredBooksReader {
  /** As `read`, at a cost that does not grow with the events of a day. */
  readEntered(acknowledged: Acknowledged, onLanes: ReadonlyMap<string, number>): Promise<EnteredBooks>;
}

const acknowledgedByProducers = statement('acknowledged-by-producers');
const booksStatement = statement('books');
const booksEntered = statement('books-entered');
const noteAcknowledgedStatement = statement('note-acknowledged');

export function createBooksReader(pool: Pool): BooksReader & EnteredBooksReader {
  return {
    async acknowledged() {
      const { rows } = await pool.query<{ producer_id: string; acknowledged: number }>({
        ...acknowledgedByProducers,
      });
      return new Map(rows.map((row) => [row.producer_id, row.acknowledged]));
    },
    async read(acknowledged, onLanes, anew = false) {
      const values = [...valuesOf(acknowledged, onLanes), anew];
      const { rows } = await pool.query<Books>({ ...booksStatement, values });
      return rows[0]!;
    },
    async readEntered(acknowledged, onLanes) {
      const values = valuesOf(acknowledged, onLanes);
      const { rows } = await pool.query<EnteredBooks>({ ...booksEntered, values });
      return rows[0]!;
    },
  };
}

function valuesOf(acknowledged: Acknowledged, onLanes: ReadonlyMap<string, number>): unknown[] {
  return [onLanes, acknowledged].flatMap((map) => [
    plainArray([...map.keys()]),
    plainArray([...map.values()]),
  ]);
}

/** Enters how many events a producer has acknowledged so far: the books know it even if its last batches vanish. */
export async function noteAcknowledged(pool: Pool, producer: string, acknowledged: number): Promise<void> {
  await pool.query({ ...noteAcknowledgedStatement, values: [producer, acknowledged] });
}
