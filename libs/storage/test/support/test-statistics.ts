import {
  type EventType,
  type LiveWindow,
  strategies,
  type TrackedEvent,
  windowSpans,
} from '@event-tracker/domain';
import { createStatisticsReader, type RankedSubject } from '../../src/index.ts';
import { aBatch } from './builders.ts';
import { openTestLedger, type TestLedger } from './test-ledger.ts';
import { openTestViews, type TestViews } from './test-views.ts';

/** An answer by each of the two readers. They must be equal. */
export interface Both<T> {
  views: T | 'behind' | 'trimmed';
  ledger: T;
}

export interface TestStatistics {
  ledger: TestLedger;
  views: TestViews;
  /** Commits the events as one batch, and merges what came of it. */
  add(events: TrackedEvent[]): Promise<void>;
  ranking(type: EventType, window: LiveWindow, limit?: number): Promise<Both<RankedSubject[]>>;
  /** A net count for likes, as they are answered. */
  count(type: EventType, subject: string, window: LiveWindow): Promise<Both<number>>;
  close(): Promise<void>;
}

/** Ledger and views with the readers of both, on a clock of the test's. */
export async function openTestStatistics(now: () => number): Promise<TestStatistics> {
  const [ledger, views] = await Promise.all([openTestLedger({ now }), openTestViews({ now })]);
  const statistics = createStatisticsReader(ledger.pool);

  async function countInLedger(type: EventType, subject: string, window: LiveWindow): Promise<number> {
    const spans = windowSpans(window, now());
    const { lessType } = strategies[type];
    const added = await statistics.countOfSubject(type, subject, spans);
    return lessType ? added - (await statistics.countOfSubject(lessType, subject, spans)) : added;
  }

  return {
    ledger,
    views,
    async add(events) {
      const { counts, recentKeywords } = await ledger.commitAndFold([aBatch(events)]);
      await views.views.merge(counts, recentKeywords);
    },
    async ranking(type, window, limit = 100) {
      const shown = await views.reader.ranking(type, window, limit);
      return {
        views: shown.status === 'fresh' ? shown.value : shown.status,
        ledger: await statistics.ranking(type, windowSpans(window, now()), limit),
      };
    },
    async count(type, subject, window) {
      const shown = await views.reader.count(type, subject, window);
      return {
        views: shown.status === 'fresh' ? shown.value : shown.status,
        ledger: await countInLedger(type, subject, window),
      };
    },
    async close() {
      await Promise.all([ledger.close(), views.close()]);
    },
  };
}

/** The same answer of both readers. */
export function both<T>(value: T): Both<T> {
  return { views: value, ledger: value };
}
