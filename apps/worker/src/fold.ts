import { setTimeout as pause } from 'node:timers/promises';
import { createClosers } from '@event-tracker/runtime';
import {
  checkSchema,
  createFolds,
  createPendingRepair,
  createPool,
  type Fold,
  forgetLowMarks,
  leaveDaysToCount,
  readPendingWork,
  readShardCount,
} from '@event-tracker/storage';
import { loadConfig } from './config.ts';
import { createFoldRepair } from './fold/fold-repair.ts';

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
  const folds = createFolds(pool);
  const shards = Array.from({ length: await readShardCount(pool) }, (_, shard) => shard);
  const limits = { rowsMax: rowsAtOnceMax, changesMax: config.FOLD_CHANGES_MAX };
  let changes = 0;
  let dead = 0;
  const onFolded = (fold: Fold) => {
    changes += fold.changes;
    return undefined;
  };
  const repair = createFoldRepair({
    ...limits,
    pool,
    folds,
    pending: createPendingRepair(pool),
    onFolded,
    // Somebody waits at the terminal: they try again.
    untilBack: (cause) => Promise.reject(cause),
    onDeadLetter({ reason }) {
      dead += 1;
      console.error(`A change could not be added up, and is among the dead letters: ${reason}`);
    },
    onRefused(cause) {
      throw cause;
    },
  });

  async function foldOnce(): Promise<number> {
    const before = changes + dead;
    try {
      onFolded(await folds.fold({ ...limits, shards, everyMs: 0 }));
    } catch (cause) {
      await repair.repair(cause, shards);
    }
    return changes + dead - before;
  }

  for (let reportedAt = Date.now(); ; ) {
    const folded = await foldOnce();
    const { entries } = await folds.enter(rowsAtOnceMax, []);
    const left = folded + entries > 0 ? undefined : await readPendingWork(pool, true);
    const unknown = left?.reduce((sum, work) => sum + work.unknown, 0) ?? 0;
    if (unknown > 0)
      throw new Error(
        `${unknown} rows were appended by a newer release: stop its workers, and let it fold them`,
      );
    if (left?.length === 0) break;
    if (Date.now() - reportedAt > progressEveryMs) {
      reportedAt = Date.now();
      const rows = left?.reduce((sum, work) => sum + work.rows, 0);
      console.log(`${changes} changes added up${left ? `; ${rows} rows wait for another process` : ''}`);
    }
    // Another process folds, or the books wait for what is to be shown first.
    if (left) await pause(waitMs);
  }
  await leaveDaysToCount(pool);
  console.log(`Nothing waits to be added up any more; ${changes} changes were.`);
} catch (cause) {
  console.error(`Not everything could be added up: ${cause instanceof Error ? cause.message : cause}`);
  process.exitCode = 1;
} finally {
  await closers.closeAll();
}
