import type { ViewAnswer, ViewReader } from '@event-tracker/storage';

/** Views that failed are not asked for so long: nobody waits for what is known to be away. */
const restMs = 1000;

/**
 * The same views, with a rest after a failure: they are not known to be up to date then, so reads are PostgreSQL's. After
 * the rest one read tries, while the others still do not wait.
 *
 *   asked ──fails──▶ resting ──restMs──▶ one tries ──▶ asked again, or resting
 */
export function restingViews(views: ViewReader, now: () => number): ViewReader {
  let restsUntil: number | undefined;

  async function ask<T>(question: () => Promise<ViewAnswer<T>>): Promise<ViewAnswer<T>> {
    if (restsUntil !== undefined) {
      if (now() < restsUntil) return { status: 'behind' };
      restsUntil = now() + restMs;
    }
    try {
      const answer = await question();
      restsUntil = undefined;
      return answer;
    } catch (cause) {
      restsUntil = now() + restMs;
      throw cause;
    }
  }

  return {
    count: (...args) => ask(() => views.count(...args)),
    ranking: (...args) => ask(() => views.ranking(...args)),
    recentKeywords: (...args) => ask(() => views.recentKeywords(...args)),
  };
}
