import { setTimeout as pause } from 'node:timers/promises';
import { createClosers } from '@event-tracker/runtime';
import {
  checkSchema,
  createFolds,
  createPool,
  forgetLowMarks,
  leaveDaysToCount,
  readPendingWork,
  readShardCount,
} from '@event-tracker/storage';
import { loadConfig } from './config.ts';

const answerLimitMs = 5000;
const waitMs = 100;
const progressEveryMs = 1000;
const rowsAtOnceMax = 1000;

/**
 * Adds up what waits until nothing does: before a release is put back that does not know of folds. The views are left to
 * their debts, which workers of any release pay.
 */
const closers = createClosers();
try {
  const config = loadConfig(process.env);
  const pool = createPool({
    url: config.DATABASE_URL,
    applicationName: 'event-tracker-fold',
    max: 2,
    connectTimeoutMs: answerLimitMs,
    queryTimeoutMs: config.DATABASE_TIMEOUT_MS,
    onError: () => {},
  });
  closers.add('PostgreSQL', () => pool.end());
  await checkSchema(pool);
  await forgetLowMarks(pool);
  const shards = Array.from({ length: await readShardCount(pool) }, (_, shard) => shard);
  const folds = createFolds(pool);
  let changes = 0;
  let reportedAt = Date.now();
  for (;;) {
    const fold = await folds.fold({
      shards,
      rowsMax: rowsAtOnceMax,
      changesMax: config.FOLD_CHANGES_MAX,
      everyMs: 0,
    });
    const entered = await folds.enter(rowsAtOnceMax, []);
    changes += fold.changes;
    if (Date.now() - reportedAt > progressEveryMs) {
      reportedAt = Date.now();
      console.log(`${changes} changes added up`);
    }
    if (fold.changes > 0 || entered.entries > 0) continue;
    const left = await readPendingWork(pool, true);
    const unknown = left.reduce((sum, work) => sum + work.unknown, 0);
    if (unknown > 0)
      throw new Error(
        `${unknown} rows were appended by a newer release: stop its workers, and let it fold them`,
      );
    if (left.length === 0) break;
    // Another process folds, or the books wait for what is to be shown first.
    await pause(waitMs);
  }
  await leaveDaysToCount(pool);
  console.log(`Nothing waits to be added up any more; ${changes} changes were.`);
} catch (cause) {
  console.error(`Not everything could be added up: ${cause instanceof Error ? cause.message : cause}`);
  process.exitCode = 1;
} finally {
  await closers.closeAll();
}
