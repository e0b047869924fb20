import { recentKeywordLifeMs, recentKeywordLimit } from '@event-tracker/domain';
import { type Pool, readRecentKeywords, type ViewReader } from '@event-tracker/storage';
import { type Answer, firstAnswer } from './first-answer.ts';

/** A user's keywords of the last hour, latest first. */
export type RecentKeywordsReader = (userId: number) => Promise<Answer<string[]>>;

export function createRecentKeywordsReader(deps: {
  views: ViewReader;
  pool: Pool;
  now(): number;
  onError(cause: unknown): void;
}): RecentKeywordsReader {
  const { views, pool, now, onError } = deps;
  return (userId) =>
    firstAnswer({
      view: (freshness) => views.recentKeywords(userId, freshness),
      ledger: () => readRecentKeywords(pool, userId, now() - recentKeywordLifeMs, recentKeywordLimit),
      onError,
    });
}
