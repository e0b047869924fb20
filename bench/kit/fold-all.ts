import { createFolds, type Pool, readShardCount } from '@event-tracker/storage';

const rowsMax = 1000;
const changesMax = 10_000;

/** Adds up what was appended, as a worker does, but for the views: their debts are taken off as if they had been merged. */
export async function foldAll(pool: Pool): Promise<void> {
  const folds = createFolds(pool);
  const shards = Array.from({ length: await readShardCount(pool) }, (_, shard) => shard);
  for (;;) {
    const fold = await folds.fold({ shards, rowsMax, changesMax, everyMs: 0 });
    await folds.enter(rowsMax, fold.debtId === undefined ? [] : [fold.debtId]);
    if (!fold.more) return;
  }
}
