import {
  measureDurableLane,
  measureFastLane,
  measureQuarantine,
  readBullStates,
  readDurableLane,
  readDurableStates,
  readFastLane,
  readQuarantine,
} from '@event-tracker/queue';
import {
  createBooksReader,
  createDeadLetters,
  createPosts,
  createStatisticsReader,
  createViewReader,
  type EnteredBooks,
  measureFolds,
  type Pool,
  type Redis,
} from '@event-tracker/storage';
import type { ApiConfig } from '../config.ts';
import type { Lanes } from '../ingest/open-lanes.ts';
import { createDeadLettersDesk, type DeadLettersDesk } from './dead-letters.ts';
import { createEnteredReader, type ReadEntered, readEnteredBooks } from './entered-books.ts';
import { createLanesReader, type ReadLanes } from './lanes.ts';
import { createLedgerReader, type ReadLedger } from './ledger.ts';
import { createPostCaches, type PostCaches } from './post-caches.ts';
import { createPostsDesk, type PostsDesk } from './posts.ts';
import { createRecentKeywordsReader, type RecentKeywordsReader } from './recent-keywords.ts';
import { restingViews } from './resting-views.ts';
import { createStatistics, type Statistics } from './statistics.ts';

/** What the routes ask. */
export interface Reads {
  statistics: Statistics;
  posts: PostsDesk;
  recentKeywords: RecentKeywordsReader;
  readLanes: ReadLanes;
  readLedger: ReadLedger;
  readEntered: ReadEntered;
  deadLetters: DeadLettersDesk;
}

export function createReads(deps: {
  config: ApiConfig;
  pool: Pool;
  viewsRedis: Redis;
  laneRedis: Redis;
  lanes: Pick<Lanes, 'fast' | 'durable' | 'quarantine'>;
  now(): number;
  /** Makes what is told when one could not answer. */
  warn(what: string): (cause: unknown) => void;
  /** Told again and again while a store is away. */
  quietly(cause: unknown): void;
}): {
  reads: Reads;
  /** These two are for the metrics. */
  caches: PostCaches;
  readBooks(): Promise<EnteredBooks & { missing: number }>;
} {
  const { config, pool, viewsRedis, laneRedis, lanes, now, warn, quietly } = deps;
  const common = {
    views: restingViews(createViewReader({ redis: viewsRedis, now }), now),
    pool,
    now,
    onError: warn('a read failed'),
  };
  const caches = createPostCaches({
    redis: viewsRedis,
    limits: {
      ttlMs: config.CACHE_TTL_MS,
      jitterMs: config.CACHE_JITTER_MS,
      nothingTtlMs: config.CACHE_NOTHING_TTL_MS,
      lockTtlMs: config.CACHE_LOCK_TTL_MS,
      lockWaitMs: config.CACHE_LOCK_WAIT_MS,
      entriesMax: config.CACHE_ENTRIES_MAX,
    },
    now,
    random: Math.random,
    onError: quietly,
  });
  const books = {
    books: createBooksReader(pool),
    lanes: [() => readFastLane(laneRedis), () => readDurableLane(pool), () => readQuarantine(laneRedis)],
  };
  const reads: Reads = {
    statistics: createStatistics({ ...common, ledger: createStatisticsReader(pool) }),
    posts: createPostsDesk({ ...common, posts: createPosts(pool), caches }),
    recentKeywords: createRecentKeywordsReader(common),
    readLanes: createLanesReader({
      lanes: [
        {
          name: 'fast',
          measure: () => measureFastLane(laneRedis, now()),
          states: () => readBullStates(lanes.fast.queue),
        },
        {
          name: 'durable',
          measure: () => measureDurableLane(pool),
          states: () => readDurableStates(pool),
        },
        {
          name: 'quarantine',
          measure: () => measureQuarantine(laneRedis, now()),
          states: () => readBullStates(lanes.quarantine.queue),
        },
        { name: 'fold', measure: () => measureFolds(pool) },
      ],
      onError: warn('a lane could not be read'),
    }),
    readLedger: createLedgerReader({ ...books, onError: warn('the books could not be read') }),
    readEntered: createEnteredReader({ ...books, onError: warn('the books could not be read') }),
    deadLetters: createDeadLettersDesk({
      deadLetters: createDeadLetters({
        pool,
        lane: lanes.durable,
        batchEventsMax: config.FLUSH_EVENTS_MAX,
      }),
      onError: warn('the dead letters could not be reached'),
    }),
  };
  return { reads, caches, readBooks: () => readEnteredBooks(books) };
}
