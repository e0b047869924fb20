import { type LaneMeasure, type LaneWatch, measureQuarantine } from '@event-tracker/queue';
import { type Closers, createSampled, type Sampled } from '@event-tracker/runtime';
import {
  type EnteredBooks,
  type Redis,
  type RedisPersistence,
  readFreshKinds,
  readRedisPersistence,
} from '@event-tracker/storage';

/** What is asked now and then, for whoever scrapes the metrics. */
export interface StoreSamples {
  quarantine: Sampled<LaneMeasure>;
  freshKinds: Sampled<(readonly [string, boolean])[]>;
  persistence: Sampled<RedisPersistence>;
  books: Sampled<EnteredBooks & { missing: number }>;
}

/** Every API asks by itself, and what it reads of the lanes grows with what waits there. */
const booksEveryMs = 30_000;
const laneEventsForBooks = 200_000;
const othersEveryMs = 5000;

export function sampleStores(deps: {
  closers: Closers;
  viewsRedis: Redis;
  laneRedis: Redis;
  watch: Pick<LaneWatch, 'depth'>;
  readBooks(): Promise<EnteredBooks & { missing: number }>;
  now(): number;
  onError(cause: unknown): void;
}): StoreSamples {
  const { closers, viewsRedis, laneRedis, watch, readBooks, now, onError } = deps;
  const sampled = <T>(everyMs: number, ask: () => Promise<T>) => {
    const made = createSampled({ everyMs, ask, onError });
    closers.add('what is sampled', made.close);
    return made;
  };
  return {
    quarantine: sampled(othersEveryMs, () => measureQuarantine(laneRedis, now())),
    freshKinds: sampled(othersEveryMs, () => readFreshKinds(viewsRedis)),
    persistence: sampled(othersEveryMs, () => readRedisPersistence(laneRedis)),
    books: sampled(booksEveryMs, async () => {
      if (watch.depth() > laneEventsForBooks)
        throw new Error('the lanes hold too much to be read for a number');
      return readBooks();
    }),
  };
}
