import {
  bucketsOf,
  type EventType,
  type LiveWindow,
  recentKeywordLifeMs,
  recentKeywordLimit,
  type SubjectKind,
  strategies,
  tieOrder,
  windowSpans,
} from '@event-tracker/domain';
import type { Redis } from './connection.ts';
import { viewKeys } from './keys.ts';
import { loadScript } from './script.ts';

/**
 * `behind`: the views are not known to be up to date. `trimmed`: a bucket of the window was cut to its cap. In both
 * cases PostgreSQL has the answer.
 */
export type ViewAnswer<T> = { status: 'fresh'; value: T } | { status: 'behind' | 'trimmed' };

export interface RankedSubject {
  subject: string;
  count: number;
}

/**
 * How good the views must be. `fresh`: within seconds of the ledger. `complete`: whole, as of whenever they were last
 * merged: for when PostgreSQL is away.
 */
export type Freshness = 'fresh' | 'complete';

/** The reading side of the Redis views. Rejects when Redis is away. */
export interface ViewReader {
  count(
    type: EventType,
    subject: string,
    window: LiveWindow,
    freshness?: Freshness,
  ): Promise<ViewAnswer<number>>;
  ranking(
    type: EventType,
    window: LiveWindow,
    limit: number,
    freshness?: Freshness,
  ): Promise<ViewAnswer<RankedSubject[]>>;
  recentKeywords(userId: number, freshness?: Freshness): Promise<ViewAnswer<string[]>>;
}

export function createViewReader({ redis, now }: { redis: Redis; now: () => number }): ViewReader {
  const readCount = loadScript(redis, 'read-count');
  const readRanking = loadScript(redis, 'read-ranking');
  const readRecentKeywords = loadScript(redis, 'read-recent-keywords');

  return {
    async count(type, subject, window, freshness = 'fresh') {
      const { keys, added, first, last } = windowKeys(type, window, now(), freshness);
      return answer(await readCount(keys, [subject, added, first, last]), ([count]) => Number(count));
    },
    async ranking(type, window, limit, freshness = 'fresh') {
      const { keys, added, first, last } = windowKeys(type, window, now(), freshness);
      const order = tieOrder[strategies[type].subjectKind];
      return answer(await readRanking(keys, [added, first, last, limit, order]), rankedSubjects);
    },
    async recentKeywords(userId, freshness = 'fresh') {
      const keys = [freshnessKey('keyword', freshness), viewKeys.recentKeywords(userId)];
      const args = [now() - recentKeywordLifeMs, recentKeywordLimit];
      return answer(await readRecentKeywords(keys, args), (keywords) => keywords.map(String));
    },
  };
}

function freshnessKey(kind: SubjectKind, freshness: Freshness): string {
  return freshness === 'fresh' ? viewKeys.lease(kind) : viewKeys.complete(kind);
}

function windowKeys(type: EventType, window: LiveWindow, now: number, freshness: Freshness) {
  const { subjectKind, lessType } = strategies[type];
  const buckets = windowSpans(window, now).flatMap((span) =>
    bucketsOf(span).map((start) => ({ start, grain: span.grain })),
  );
  const keysOf = (counted: EventType) =>
    buckets.map(({ start, grain }) => viewKeys.counts(counted, grain, start));
  return {
    keys: [
      freshnessKey(subjectKind, freshness),
      viewKeys.trimmed(subjectKind),
      ...keysOf(type),
      ...(lessType ? keysOf(lessType) : []),
    ],
    added: buckets.length,
    first: buckets[0]!.start,
    last: buckets.at(-1)!.start,
  };
}

function answer<T>(reply: unknown, read: (values: unknown[]) => T): ViewAnswer<T> {
  const [status, ...values] = reply as [ViewAnswer<T>['status'], ...unknown[]];
  return status === 'fresh' ? { status, value: read(values) } : { status };
}

function rankedSubjects(values: unknown[]): RankedSubject[] {
  const ranked: RankedSubject[] = [];
  for (let at = 0; at < values.length; at += 2)
    ranked.push({ subject: String(values[at]), count: Number(values[at + 1]) });
  return ranked;
}
