import type { Metrics } from '@event-tracker/runtime';
import type { CacheCounts } from '@event-tracker/storage';

const outcomes = {
  hit: 'hits',
  miss: 'misses',
  refresh: 'earlyRefreshes',
  failure: 'failures',
  bad: 'badValues',
  full: 'full',
} as const satisfies Record<string, keyof CacheCounts>;

/** What the caches count themselves, by their names. */
export function registerCaches(
  metrics: Metrics,
  caches: Readonly<Record<string, { counts: Readonly<CacheCounts> }>>,
): void {
  metrics.read({
    type: 'counter',
    name: 'cache_reads_total',
    help: 'Reads of a cache by outcome: hit, miss, refreshed ahead of time, failed, of no known form, not kept for want of room.',
    labels: ['cache', 'outcome'],
    read: () =>
      Object.entries(caches).flatMap(([cache, { counts }]) =>
        Object.entries(outcomes).map(([outcome, field]) => [cache, outcome, counts[field]] as const),
      ),
  });
  metrics.read({
    type: 'counter',
    name: 'cache_lock_waits_total',
    help: "Misses that waited for another process's query: until its value was there, or in vain.",
    labels: ['cache', 'outcome'],
    read: () =>
      Object.entries(caches).flatMap(([cache, { counts }]) => [
        [cache, 'served', counts.lockWaits - counts.lockTimeouts] as const,
        [cache, 'timeout', counts.lockTimeouts] as const,
      ]),
  });
}
