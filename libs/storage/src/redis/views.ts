import {
  grains,
  longestLiveWindowMs,
  type RecentKeyword,
  recentKeywordLifeMs,
  recentKeywordLimit,
  type SubjectCount,
  type SubjectKind,
  strategies,
} from '@event-tracker/domain';
import type { Redis } from './connection.ts';
import { viewKeys } from './keys.ts';
import { loadScript } from './script.ts';

/** The writing side of the Redis views. Everything here is idempotent, and may run at any time beside itself. */
export interface Views {
  /** Merges absolute counts and latest searches, as the ledger has them. What no window reaches any more is left out. */
  merge(counts: readonly SubjectCount[], recentKeywords: readonly RecentKeyword[]): Promise<void>;
}

/** A bucket outlives the longest window that can hold it by this much, so that a reader never races its expiry. */
const marginMs = grains.hour;

/** Pairs a script call takes at most, so that one call blocks Redis for a millisecond or two. */
const pairsPerCall = 2000;

/** From here on buckets are in the views. */
export function oldestViewBucket(now: number): number {
  return now - longestLiveWindowMs - marginMs;
}

export function createViews(deps: { redis: Redis; now: () => number; membersMax: number }): Views {
  const { redis, now, membersMax } = deps;
  const mergeCountsScript = loadScript(redis, 'merge-counts');
  const mergeRecentKeywordsScript = loadScript(redis, 'merge-recent-keywords');

  async function mergeCounts(kind: SubjectKind, counts: readonly SubjectCount[]): Promise<void> {
    const oldest = oldestViewBucket(now());
    const keys = [viewKeys.trimmed(kind)];
    const args: (string | number)[] = [membersMax, oldest];
    for (const [key, bucket] of byBucket(counts)) {
      const { bucket: start, grain } = bucket[0]!;
      keys.push(key);
      args.push(start, start + grains[grain] + longestLiveWindowMs + marginMs, bucket.length);
      for (const { count, subject } of bucket) args.push(count, subject);
    }
    await mergeCountsScript(keys, args);
  }

  async function mergeRecentKeywords(searches: readonly RecentKeyword[]): Promise<void> {
    const keys: string[] = [];
    const args: (string | number)[] = [recentKeywordLimit, recentKeywordLifeMs];
    for (const [userId, ofUser] of Map.groupBy(searches, (search) => search.userId)) {
      keys.push(viewKeys.recentKeywords(userId));
      args.push(ofUser.length);
      for (const { occurredAt, keyword } of ofUser) args.push(occurredAt, keyword);
    }
    await mergeRecentKeywordsScript(keys, args);
  }

  return {
    async merge(counts, recentKeywords) {
      const oldest = oldestViewBucket(now());
      const shown = counts.filter(({ grain, bucket }) => grain !== 'day' && bucket + grains[grain] > oldest);
      const merges: Promise<void>[] = [];
      for (const [kind, ofKind] of Map.groupBy(shown, ({ eventType }) => strategies[eventType].subjectKind)) {
        for (const chunk of chunks(ofKind, pairsPerCall)) merges.push(mergeCounts(kind, chunk));
      }
      for (const chunk of chunks(recentKeywords, pairsPerCall)) merges.push(mergeRecentKeywords(chunk));
      await Promise.all(merges);
    },
  };
}

/** Counts by the key of their bucket. Neighbours mostly share one, and making a key costs more than all the rest. */
function byBucket(counts: readonly SubjectCount[]): Map<string, SubjectCount[]> {
  const buckets = new Map<string, SubjectCount[]>();
  let last: SubjectCount | undefined;
  let ofLast: SubjectCount[] = [];
  for (const count of counts) {
    if (last?.bucket !== count.bucket || last.eventType !== count.eventType || last.grain !== count.grain) {
      const key = viewKeys.counts(count.eventType, count.grain, count.bucket);
      ofLast = buckets.get(key) ?? [];
      buckets.set(key, ofLast);
    }
    ofLast.push(count);
    last = count;
  }
  return buckets;
}

function chunks<T>(items: readonly T[], size: number): T[][] {
  const parts: T[][] = [];
  for (let at = 0; at < items.length; at += size) parts.push(items.slice(at, at + size));
  return parts;
}
