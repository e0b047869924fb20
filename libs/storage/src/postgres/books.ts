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
  inFlight: number;
}

export interface BooksReader {
  /** @param onLanes the batches on the lanes by id, with their numbers of events, read before */
  read(onLanes: ReadonlyMap<string, number>): Promise<Books>;
}

const booksStatement = statement('books');

export function createBooksReader(pool: Pool): BooksReader {
  return {
    async read(onLanes) {
      const values = [plainArray([...onLanes.keys()]), plainArray([...onLanes.values()])];
      const { rows } = await pool.query<Books>({ ...booksStatement, values });
      return rows[0]!;
    },
  };
}
