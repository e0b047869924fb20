import { plainArray } from '../arrays.ts';
import { statement } from '../sql.ts';
import type { Send } from '../transaction.ts';

const insertBatches = statement('insert-batches');

/** What of a batch its row holds. */
export interface BatchRow {
  id: string;
  eventCount: number;
}

/** Copies of a batch collapse by id; of the rest, those come back that were not committed before. */
export async function claimBatches<Row extends BatchRow>(
  send: Send,
  batches: readonly Row[],
): Promise<Row[]> {
  const byId = new Map(batches.map((batch) => [batch.id, batch]));
  const rows = await send<{ batch_id: string }>(insertBatches, [
    plainArray([...byId.keys()]),
    plainArray([...byId.values()].map((batch) => batch.eventCount)),
  ]);
  const claimed = new Set(rows.map((row) => row.batch_id));
  return [...byId.values()].filter((batch) => claimed.has(batch.id));
}
