import {
  bucketStart,
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
import { inOneTurn } from './in-one-turn.ts';
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

/** Subjects that a script call takes at most, so that one call blocks Redis for a millisecond or two. */
const subjectsPerCall = 100;

export function createViewReader({ redis, now }: { redis: Redis; now: () => number }): ViewReader {
  const readCounts = loadScript(redis, 'read-counts');
  const readRanking = loadScript(redis, 'read-ranking');
  const readRecentKeywords = loadScript(redis, 'read-recent-keywords');

  const windowKeys = createWindowKeys();
  // Many readers ask at once, mostly about the same window, whose keys are the bulk of a call.
  const countInOneTurn = inOneTurn(
    async ({ keys, added, first, last }: WindowKeys, subjects): Promise<readonly ViewAnswer<number>[]> => {
      const reply = answer(await readCounts(keys, [added, first, last, ...subjects]), (counts) => counts);
      return subjects.map((_, at) =>
        reply.status === 'fresh' ? { status: 'fresh', value: Number(reply.value[at]) } : reply,
      );
    },
    subjectsPerCall,
  );

  return {
    count: (type, subject, window, freshness = 'fresh') =>
      countInOneTurn(windowKeys(type, window, now(), freshness), subject),
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

interface WindowKeys {
  minute: number;
  keys: string[];
  /** Buckets that are added; the rest are taken off. */
  added: number;
  /** Starts of the window's first and last bucket. */
  first: number;
  last: number;
}

/** The keys of a window are made once a minute: they are dozens. */
function createWindowKeys() {
  const made = new Map<string, WindowKeys>();
  return (type: EventType, window: LiveWindow, now: number, freshness: Freshness): WindowKeys => {
    const name = `${type} ${window} ${freshness}`;
    const minute = bucketStart(now, 'minute');
    let keys = made.get(name);
    if (keys?.minute !== minute) {
      keys = makeWindowKeys(type, window, minute, freshness);
      made.set(name, keys);
    }
    return keys;
  };
}

function makeWindowKeys(
  type: EventType,
  window: LiveWindow,
  minute: number,
  freshness: Freshness,
): WindowKeys {
  const { subjectKind, lessType } = strategies[type];
  const buckets = windowSpans(window, minute).flatMap((span) =>
    bucketsOf(span).map((start) => ({ start, grain: span.grain })),
  );
  const keysOf = (counted: EventType) =>
    buckets.map(({ start, grain }) => viewKeys.counts(counted, grain, start));
  return {
    minute,
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
