import { measureFastLane } from '@event-tracker/queue';
import { repeat } from '@event-tracker/runtime';
import type { Redis } from '@event-tracker/storage';
import { median } from './rounds.ts';

export interface BacklogTrend {
  /** Events that waited, at the median. */
  waiting: number;
  /** The same in the last quarter of the time. */
  waitingInTheEnd: number;
  /** Events that were added to those that wait, a second: from the second quarter of the time to the last. */
  growthPerSecond: number;
}

const everyMs = 50;

/** Watches how many events wait on the lane, until the answer is called. */
export function watchBacklog(redis: Redis): () => Promise<BacklogTrend> {
  const seen: { at: number; waiting: number }[] = [];
  const stop = repeat(
    everyMs,
    async () => {
      const { waiting } = await measureFastLane(redis, Date.now());
      seen.push({ at: performance.now(), waiting });
    },
    () => {},
  );
  return async () => {
    await stop();
    const quarter = Math.floor(seen.length / 4);
    const middle = (part: typeof seen) => ({
      at: median(part.map(({ at }) => at)),
      waiting: median(part.map(({ waiting }) => waiting)),
    });
    const early = middle(seen.slice(quarter, 2 * quarter));
    const late = middle(seen.slice(3 * quarter));
    return {
      waiting: median(seen.map(({ waiting }) => waiting)),
      waitingInTheEnd: late.waiting,
      growthPerSecond: ((late.waiting - early.waiting) / (late.at - early.at)) * 1000,
    };
  };
}
