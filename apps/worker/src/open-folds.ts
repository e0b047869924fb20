import { type Running, withTimeout } from '@event-tracker/runtime';
import {
  createFolds,
  createPendingRepair,
  endStoppedFolds,
  forgetLowMarks,
  type PendingWork,
  readPendingWork,
  readShardCount,
  type Views,
} from '@event-tracker/storage';
import { closeLimits } from './close-limits.ts';
import type { WorkerConfig } from './config.ts';
import type { WorkerStores } from './connect-stores.ts';
import { type Backlog, createFoldBrake } from './fold/fold-brake.ts';
import { createFoldLoop } from './fold/fold-loop.ts';
import { createFoldRepair } from './fold/fold-repair.ts';
import { createFoldStall } from './fold/fold-stall.ts';
import { createFoldShower } from './fold/show-folds.ts';
import { watchPending } from './fold/watch-pending.ts';
import type { PostgresWait } from './postgres-wait.ts';
import { createViewMerger } from './view-merger.ts';
import type { WorkerMetrics } from './worker-metrics.ts';

const rowsAtOnceMax = 1000;

export interface OpenFolds {
  /** How many shards there are. */
  shards: number;
  /** A commit has appended so many rows. */
  appended(rows: number): void;
  /** Resolves when commits may append. */
  mayAppend(): Promise<void>;
  /** What waits to be added up, as of the last look. */
  backlog(): Backlog;
  /** For how long it has waited, and no worker has added any of it up; in milliseconds. */
  stalledMs(): number;
}

/** Adds up what commits append, and shows it. */
export async function openFolds(
  deps: Running<WorkerConfig> & {
    stores: WorkerStores;
    postgresWait: PostgresWait;
    views: Views;
    keptElsewhere(): boolean;
    metrics: WorkerMetrics;
    onProgress(): void;
    now: () => number;
  },
): Promise<OpenFolds> {
  const { config, log, closers, stores, postgresWait, views, keptElsewhere, metrics, onProgress, now } = deps;
  const { pool, viewsRedis, viewsNote } = stores;
  const shards = await readShardCount(pool);
  const allShards = Array.from({ length: shards }, (_, shard) => shard);
  await forgetLowMarks(pool);

  const merger = createViewMerger({
    views,
    probe: () => viewsRedis.ping(),
    keptElsewhere,
    note: viewsNote,
  });
  closers.add('view merger', merger.close);
  const folds = createFolds(pool);
  const shower = createFoldShower({
    folds,
    views: merger,
    metrics,
    onError: (cause) => log.debug({ err: cause }, 'commits that were added up are not in the books yet'),
  });
  const brake = createFoldBrake({
    shards,
    isUnderRepair: (shard) => repair.isUnderRepair(shard),
    rowsMax: config.FOLD_ROWS_MAX,
    ageMaxMs: config.FOLD_AGE_MAX_MS,
    onChange: (closed, backlog) =>
      closed
        ? log.warn(backlog, 'more waits to be added up than may: no batches are taken until it is less')
        : log.info(backlog, 'batches are taken again'),
  });
  const onFolded: Parameters<typeof createFoldLoop>[0]['onFolded'] = (fold) => {
    if (fold.changes > 0) {
      metrics.folded(fold.changes);
      // The commits wait for it.
      if (brake.isClosed()) onProgress();
    }
    return shower.show(fold);
  };
  const leftToOthers = (cause: unknown) => log.debug({ err: cause }, 'a fold is left to another worker');
  const repair = createFoldRepair({
    pool,
    folds,
    pending: createPendingRepair(pool),
    rowsMax: rowsAtOnceMax,
    changesMax: config.FOLD_CHANGES_MAX,
    onFolded,
    untilBack: (cause) => postgresWait.untilBack(cause),
    onDeadLetter(why) {
      metrics.changeDied();
      log.error(why, 'a change could not be added up, and is among the dead letters');
    },
    onRefused: (cause, shard) =>
      log.error({ err: cause, shard }, 'nothing can be added up: the database refuses sound changes, too'),
    onLeft(_shard, cause) {
      if (cause) leftToOthers(cause);
      loop.wake();
    },
  });
  closers.add('repair of shards', repair.close);
  const loop = createFoldLoop({
    folds,
    shards: () => allShards.filter((shard) => !repair.isUnderRepair(shard)),
    rowsMax: rowsAtOnceMax,
    changesMax: config.FOLD_CHANGES_MAX,
    everyMs: config.FOLD_EVERY_MS,
    inFlightMax: config.FOLDS_IN_FLIGHT_MAX,
    onFolded,
    async onFailure(cause, ofShards) {
      metrics.foldFailed();
      log.debug({ err: cause, shards: ofShards }, 'a fold failed');
      await repair.repairBeside(cause, ofShards).catch(leftToOthers);
    },
  });
  const stall = createFoldStall(now);
  const seen = (work: readonly PendingWork[]) => {
    brake.seen(work);
    stall.seen(work);
  };
  const watch = watchPending({
    read: async (thoroughly) => {
      brake.looking();
      const work = await readPendingWork(pool, thoroughly);
      if (work.some(({ oldestMs }) => oldestMs > config.FOLD_AGE_MAX_MS)) {
        const ended = await endStoppedFolds(pool, config.FOLD_AGE_MAX_MS);
        if (ended > 0) log.warn({ ended }, 'folds of processes that have stopped were ended');
      }
      return work;
    },
    onLook(work) {
      seen(work);
      if (work.some(({ shard, rows }) => shard !== null && rows > 0)) loop.wake();
      if (work.some(({ shard, rows }) => shard === null && rows > 0)) void shower.enter();
    },
    // That PostgreSQL is away is found out where something is committed, or added up.
    onError: (cause) => log.debug({ err: cause }, 'what waits to be added up could not be looked at'),
  });
  closers.add('folds', async () => {
    await watch.close();
    const limit = new AbortController();
    // What is left is folded by any other worker.
    await withTimeout(loop.close(limit.signal).then(shower.idle), closeLimits.foldMs, 'the folds').catch(
      () => {},
    );
    limit.abort();
  });
  // What waits is known before the first batch is taken.
  closers.add('brake', brake.close);
  seen(await readPendingWork(pool));

  return {
    shards,
    appended(rows) {
      brake.appended(rows);
      watch.appended();
      loop.wake();
    },
    mayAppend: brake.mayAppend,
    backlog: brake.latest,
    stalledMs: stall.stalledMs,
  };
}
