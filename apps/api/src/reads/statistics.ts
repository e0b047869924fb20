import {
  type EventType,
  idSubject,
  type Point,
  type Span,
  type StatisticsWindow,
  seriesPoints,
  strategies,
  windowBounds,
  windowSpans,
} from '@event-tracker/domain';
import type { RankedSubject, StatisticFilter, StatisticsReader, ViewReader } from '@event-tracker/storage';
import { LRUCache } from 'lru-cache';
import { type Answer, firstAnswer } from './first-answer.ts';

export interface Ranking extends Answer<RankedSubject[]> {
  window: StatisticsWindow;
}

export interface Statistics {
  count(type: EventType, filter: StatisticFilter, window: StatisticsWindow): Promise<Answer<number>>;
  ranking(type: EventType, window: StatisticsWindow, limit: number): Promise<Ranking>;
  /** Likes and unlikes each by themselves. */
  series(type: EventType, filter: StatisticFilter, span: Span): Promise<Answer<Point[]>>;
}

/** CONTRACT: rankings may be this old. Single counts are never cached. */
const rankingAgeMs = 250;
const rankingsCachedMax = 1000;

/** Statistics from fresh views, else from PostgreSQL; while that is away, from whole views as of the outage. */
export function createStatistics(deps: {
  views: ViewReader;
  ledger: StatisticsReader;
  now(): number;
  onError(cause: unknown): void;
}): Statistics {
  const { views, ledger, now, onError } = deps;
  const rankings = new LRUCache<string, Ranking, () => Promise<Ranking>>({
    max: rankingsCachedMax,
    ttl: rankingAgeMs,
    ttlResolution: 0,
    fetchMethod: (_key, _stale, { context: read }) => read(),
  });

  async function countInLedger(
    type: EventType,
    filter: StatisticFilter,
    window: StatisticsWindow,
  ): Promise<number> {
    const { lessType } = strategies[type];
    const of = (counted: EventType) => countOfType(counted, filter, window);
    const [added, takenOff] = await Promise.all([of(type), lessType ? of(lessType) : 0]);
    return added - takenOff;
  }

  function countOfType(type: EventType, filter: StatisticFilter, window: StatisticsWindow): Promise<number> {
    const subject = subjectOfFilter(type, filter);
    if (subject !== undefined) return ledger.countOfSubject(type, subject, windowSpans(window, now()));
    const { to } = windowBounds('1m', now());
    const from = window === 'all' ? 0 : windowBounds(window, now()).from;
    return ledger.countFiltered(type, filter, from, to);
  }

  async function readRanking(type: EventType, window: StatisticsWindow, limit: number): Promise<Ranking> {
    const answer = await firstAnswer({
      view: window === 'all' ? undefined : (freshness) => views.ranking(type, window, limit, freshness),
      ledger: () => ledger.ranking(type, windowSpans(window, now()), limit),
      onError,
    });
    return { ...answer, window };
  }

  return {
    async count(type, filter, window) {
      const subject = subjectOfFilter(type, filter);
      const answer = await firstAnswer({
        view:
          subject === undefined || window === 'all'
            ? undefined
            : (freshness) => views.count(type, subject, window, freshness),
        ledger: () => countInLedger(type, filter, window),
        onError,
      });
      // More unlikes than likes in a window: the likes lie before it.
      return { ...answer, value: Math.max(0, answer.value) };
    },
    async ranking(type, window, limit) {
      const key = `${type} ${window} ${limit}`;
      const answer = await rankings.fetch(key, { context: () => readRanking(type, window, limit) });
      return answer!;
    },
    series(type, filter, span) {
      return firstAnswer({
        view: undefined,
        async ledger() {
          const subject = subjectOfFilter(type, filter);
          const counts = await (subject === undefined && !isEmpty(filter)
            ? ledger.seriesFiltered(type, filter, span)
            : ledger.seriesOfSubject(type, subject, span));
          return seriesPoints(span, counts);
        },
        onError,
      });
    },
  };
}

/** The subject that the views count by, when the filter names that and nothing else. */
function subjectOfFilter(type: EventType, filter: StatisticFilter): string | undefined {
  const { componentId, keyword, postId } = filter;
  if (given(filter).length !== 1) return undefined;
  switch (strategies[type].subjectKind) {
    case 'component':
      return componentId === undefined ? undefined : idSubject(componentId);
    case 'keyword':
      return keyword;
    case 'post':
      return postId === undefined ? undefined : idSubject(postId);
  }
}

function given({ componentId, keyword, postId }: StatisticFilter): unknown[] {
  return [componentId, keyword, postId].filter((value) => value !== undefined);
}

function isEmpty(filter: StatisticFilter): boolean {
  return given(filter).length === 0;
}
