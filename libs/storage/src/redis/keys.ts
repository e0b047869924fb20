import { type EventType, type Grain, type SubjectKind, strategies } from '@event-tracker/domain';

/** Every key of ours begins with this; `rebuild` deletes by it. The lane's keys are BullMQ's and lie elsewhere. */
export const viewKeyPattern = 'view:*';

/** Where workers say that they live and what they have committed: a channel of Redis, or of PostgreSQL while that is away. */
export const beatChannel = 'event_tracker_beats';

/** What one script touches shares a hash tag, so that it runs on a Redis Cluster, too: views are sharded by subject kind. */
export const viewKeys = {
  /** Set when all views of the kind are whole; holds the run id of the Redis server that they were made on. */
  complete: (kind: SubjectKind) => `view:{${kind}}:complete`,
  /** There while the views of the kind are fresh. */
  lease: (kind: SubjectKind) => `view:{${kind}}:lease`,
  /** The full merge's random mark: gone when somebody deleted the views meanwhile. */
  token: (kind: SubjectKind) => `view:{${kind}}:token`,
  /** Sorted set of the buckets that were cut to the cap, by their start in milliseconds. */
  trimmed: (kind: SubjectKind) => `view:{${kind}}:trimmed`,
  /** Sorted set of a bucket's subjects by count. */
  counts: (type: EventType, grain: Grain, bucket: number) =>
    `view:{${strategies[type].subjectKind}}:${type}:${grain}:${new Date(bucket).toISOString().slice(0, 16)}`,
  /** Written to find out whether Redis takes writes. */
  writeProbe: 'view:write-probe',
  /** Sorted set of a user's latest keywords by time in milliseconds. */
  recentKeywords: (userId: number) => `view:{keyword}:recent:${userId}`,
};

/** What is cached, each with a hash tag of its own. */
export type CacheKind = 'popular' | 'search';

/** The version is in the key, so that two versions beside each other do not take the other's values away. */
export const cacheKeys = {
  value: (kind: CacheKind, version: number, name: string) => `cache:{${kind}}:${version}:${name}`,
  lock: (kind: CacheKind, version: number, name: string) => `cache:{${kind}}:lock:${version}:${name}`,
  /** Sorted set of the keys of all values by when they end. */
  entries: (kind: CacheKind) => `cache:{${kind}}:entries`,
};

/** Whether a key is of a view or a cache: what can be made anew from PostgreSQL. */
export const isDisposable = (key: string): boolean => key.startsWith('view:') || key.startsWith('cache:');

/** The subject kinds, each with its own pair of freshness keys. */
export const subjectKinds = [...new Set(Object.values(strategies).map((strategy) => strategy.subjectKind))];
