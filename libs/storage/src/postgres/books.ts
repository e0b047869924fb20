import { plainArray } from './arrays.ts';
import type { Pool } from './pool.ts';
import { statement } from './sql.ts';

/** In events, since the database was made. */
export interface Books {
  received: number;
  stored: number;
  duplicate: number;
  dead: number;
  /** What producers had acknowledged beyond what was committed of theirs: on a lane still, or gone. */
  uncommitted: number;
  /** Rows of `event`. */
  rows: number;
  /** Commits that are not known to be in the views yet. */
  debts: number;
}

export interface BooksReader {
  read(): Promise<Books>;
  /** Of these batches, the ids that were not committed. */
  uncommitted(batchIds: readonly string[]): Promise<Set<string>>;
}

const booksStatement = statement('books');
const uncommittedBatches = statement('uncommitted-batches');

export function createBooksReader(pool: Pool): BooksReader {
  return {
    async read() {
      const { rows } = await pool.query<Books>(booksStatement);
      return rows[0]!;
    },
    async uncommitted(batchIds) {
      const { rows } = await pool.query<{ batch_id: string }>({
        ...uncommittedBatches,
        values: [plainArray(batchIds)],
      });
      return new Set(rows.map((row) => row.batch_id));
    },
  };
}
