export { withAdvisoryLock } from './postgres/advisory-lock.ts';
export { isBatchCommitted } from './postgres/batch-rows.ts';
export {
  type Acknowledged,
  type Books,
  type BooksReader,
  createBooksReader,
  type EnteredBooks,
  type EnteredBooksReader,
  noteAcknowledged,
} from './postgres/books.ts';
export type { Death } from './postgres/commit/insert-dead-letters.ts';
export { readDatabaseConcerns } from './postgres/database-concerns.ts';
export { type DatabaseState, readDatabaseState } from './postgres/database-state.ts';
export { checkDays } from './postgres/day-checks.ts';
export { createDeadLetterWriter, type DeadLetterWriter } from './postgres/dead-letters/dead-letter-writer.ts';
export {
  createDeadLetters,
  type DeadLetter,
  type DeadLetterFilter,
  type DeadLetters,
} from './postgres/dead-letters/dead-letters.ts';
export { findBadEvents } from './postgres/dead-letters/find-bad-events.ts';
export { soundBatch } from './postgres/dead-letters/sound-events.ts';
export { classifyFailure, type FailureKind, failureCode, SoundEventsFail } from './postgres/failure.ts';
export { type FoldBacklog, measureFolds, measureWhatWaits } from './postgres/fold/fold-backlog.ts';
export {
  createFolds,
  type EnteredCommits,
  type Fold,
  type FoldRequest,
  type Folds,
} from './postgres/fold/folds.ts';
export { createPendingRepair, type PendingRepair } from './postgres/fold/pending-repair.ts';
export {
  endStoppedFolds,
  forgetLowMarks,
  leaveDaysToCount,
  type PendingWork,
  readPendingWork,
  readShardCount,
} from './postgres/fold/pending-work.ts';
export { hasEvents } from './postgres/has-events.ts';
export { type Commit, createLedger, type EventFate, type Ledger } from './postgres/ledger.ts';
export { createLikes, type LikeAnswer, type Likes } from './postgres/likes.ts';
export { keepPartitions, makePartitions } from './postgres/partitions.ts';
export {
  askPostgres,
  createPool,
  type Pool,
  type PoolClient,
  type PoolOptions,
} from './postgres/pool.ts';
export { refuseUnfitPooler, UnfitPooler } from './postgres/pooler.ts';
export { createPosts, type PopularPost, type Post, type Posts } from './postgres/posts.ts';
export { type Purged, type PurgeLives, purge } from './postgres/purge.ts';
export { readRecentKeywords } from './postgres/recent-searches.ts';
export { type RetentionLives, type Retired, retire } from './postgres/retention.ts';
export { checkSchema } from './postgres/schema.ts';
export {
  createStatisticsReader,
  type StatisticFilter,
  type StatisticsReader,
} from './postgres/statistics-reader.ts';
export { isMissingPartition, sqlState } from './postgres/transaction.ts';
export { createViewDebts, type ViewDebts } from './postgres/view-debts.ts';
export { bucketsToCompare, createReconciler, type Reconciler } from './reconciler.ts';
export {
  type Cache,
  type CacheCounts,
  type Cached,
  type CacheLimits,
  createCache,
} from './redis/cache/cache.ts';
export { createCacheLock } from './redis/cache/cache-lock.ts';
export { connectRedis, type Redis, type RedisConnectionOptions } from './redis/connection.ts';
export { createFormerViews, type FormerViews } from './redis/former-views.ts';
export { readFreshKinds } from './redis/fresh-kinds.ts';
export { createViewFreshness, type ViewFreshness } from './redis/freshness.ts';
export { beatChannel } from './redis/keys.ts';
export { listenInRedis } from './redis/listen.ts';
export { type RedisPersistence, readRedisPersistence } from './redis/persistence.ts';
export { serverRun } from './redis/server-run.ts';
export {
  createViewReader,
  type Freshness,
  type RankedSubject,
  type ViewAnswer,
  type ViewReader,
} from './redis/view-reader.ts';
export { createViews, type Views } from './redis/views.ts';
export { readViewsConcerns } from './redis/views-state.ts';
export { createViewKeeper, type ViewKeeper } from './view-keeper.ts';
