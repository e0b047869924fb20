import { eventTypes, type StatisticsWindow, subjectId } from '@event-tracker/domain';
import { withTimeout } from '@event-tracker/runtime';
import type { z } from 'zod';
import type { frame } from '../http/stream-schemas.ts';
import type { Statistics } from '../reads/statistics.ts';
import type { WorkerWatch } from './worker-watch.ts';

/** One second of the whole system, for people. */
type Frame = z.infer<typeof frame>;

const rankingLength = 10;
/** A store that takes longer holds up no frame: what was known before is shown again. */
const answerLimitMs = 1000;

/** After a time without readers, the first frame tells of the last second. */
const firstSumMs = 1000;
const pauseMs = 4000;

type Rankings = Pick<Frame, 'keywords' | 'posts' | 'source'>;

/** Makes the frames of one second, as JSON, for each window that somebody watches. */
export function createFrameMaker(deps: {
  statistics: Statistics;
  workers: WorkerWatch;
  lanes(): Frame['lanes'];
  breakers(): Frame['breakers'];
  hasEvents(): Promise<boolean>;
  now(): number;
  onError(cause: unknown): void;
}): (windows: ReadonlySet<StatisticsWindow>) => Promise<Map<StatisticsWindow, string>> {
  const { statistics, workers, onError } = deps;
  const lastRankings = new Map<StatisticsWindow, Rankings>();
  let hasEvents: boolean | null = null;
  let madeAt = Number.NEGATIVE_INFINITY;

  async function readRankings(window: StatisticsWindow): Promise<Rankings> {
    try {
      const [keywords, posts] = await withTimeout(
        Promise.all([
          statistics.ranking('SEARCH', window, rankingLength),
          statistics.ranking('LIKE', window, rankingLength),
        ]),
        answerLimitMs,
        'reading the rankings',
      );
      const rankings: Rankings = {
        keywords: keywords.value.map(({ subject, count }) => ({ keyword: subject, count })),
        posts: posts.value.map(({ subject, count }) => ({ postId: subjectId(subject), count })),
        source: keywords.servedBy,
      };
      lastRankings.set(window, rankings);
      return rankings;
    } catch (cause) {
      onError(cause);
      const last = lastRankings.get(window) ?? { keywords: [], posts: [] };
      return { ...last, source: null };
    }
  }

  async function findEvents(): Promise<boolean | null> {
    if (hasEvents) return true;
    hasEvents = await withTimeout(deps.hasEvents(), answerLimitMs, 'looking for events').catch((cause) => {
      onError(cause);
      return null;
    });
    return hasEvents;
  }

  return async (windows) => {
    workers.keepListening();
    const startedAt = performance.now();
    // What was told between two frames is in the later one, and in no other.
    const perSecond = workers.storedSince(startedAt - madeAt > pauseMs ? startedAt - firstSumMs : madeAt);
    madeAt = startedAt;
    const [found, ...rankings] = await Promise.all([
      findEvents(),
      ...[...windows].map(async (window) => ({ window, ...(await readRankings(window)) })),
    ]);
    const counted = eventTypes.some((type) => perSecond[type] > 0);
    const common = {
      at: new Date(deps.now()).toISOString(),
      perSecond,
      lanes: deps.lanes(),
      workers: workers.live(),
      breakers: deps.breakers(),
      hasEvents: counted || found,
    };
    return new Map(
      rankings.map((ofWindow) => [
        ofWindow.window,
        JSON.stringify({ ...common, ...ofWindow } satisfies Frame),
      ]),
    );
  };
}
