import type { Pool } from './pool.ts';
import { statement } from './sql.ts';

const pagesOfTable = statement('pages-of-table');
const foldProducers = statement('fold-producers');
const deletes = {
  event_key: statement('purge-event-keys'),
  batch: statement('purge-batches'),
};

/** Pages that one delete reads: 4 MB, which hold some 80,000 keys at most. */
const pagesAtOnce = 512;
const producersAtOnce = 1000;

/** Lives in milliseconds, from the commit. */
export interface PurgeLives {
  eventKeyMs: number;
  /** Of rows of batches, and of producers since they were last heard of. */
  batchMs: number;
}

export interface Purged {
  eventKeys: number;
  batches: number;
}

/** Removes what has outlived its use, in small transactions; safe to run beside everything. */
export async function purge(pool: Pool, { eventKeyMs, batchMs }: PurgeLives): Promise<Purged> {
  const eventKeys = await purgeTable(pool, 'event_key', eventKeyMs);
  const batches = await purgeTable(pool, 'batch', batchMs);
  // A batch of theirs could no longer be committed: it would be too old.
  await pool.query({ ...foldProducers, values: [batchMs, producersAtOnce] });
  return { eventKeys, batches };
}

async function purgeTable(pool: Pool, table: keyof typeof deletes, lifeMs: number): Promise<number> {
  const { rows } = await pool.query<{ pages: number }>({ ...pagesOfTable, values: [table] });
  let deleted = 0;
  for (let page = 0; page < rows[0]!.pages; page += pagesAtOnce) {
    const values = [page, page + pagesAtOnce, lifeMs];
    deleted += (await pool.query({ ...deletes[table], values })).rowCount ?? 0;
  }
  return deleted;
}
