import { randomUUID } from 'node:crypto';
import { grains, recentKeywordLifeMs, type SubjectKind } from '@event-tracker/domain';
import { withAdvisoryLock } from './postgres/advisory-lock.ts';
import { countsInSpan } from './postgres/counts-in-span.ts';
import type { Pool } from './postgres/pool.ts';
import { recentSearches } from './postgres/recent-searches.ts';
import type { ViewDebts } from './postgres/view-debts.ts';
import type { ViewFreshness } from './redis/freshness.ts';
import { subjectKinds } from './redis/keys.ts';
import { oldestViewBucket, type Views } from './redis/views.ts';

/** A commit pays its own debt within milliseconds. After so long its worker is taken to be dead, or cut off. */
const overdueMs = 1000;
/** With a debt this old unpaid, the views are not called fresh. */
const staleMs = 5000;
const debtsPerRound = 1000;

/** No event that is accepted now lies further ahead; open-ended on purpose, clocks differ. */
const farAhead = Date.UTC(2200, 0);

export interface ViewKeeper {
  /** One round: pays debts that were left standing, then prolongs the lease, or makes the views whole first. */
  keep(): Promise<void>;
  /** Deletes the views and makes them again from the ledger. `onProgress` is told the counts merged so far. */
  rebuild(onProgress: (counts: number) => void): Promise<number>;
}

/** Keeps the views equal to the ledger where commits alone don't: after a crash, an outage, a deletion. */
export function createViewKeeper(deps: {
  pool: Pool;
  views: Views;
  debts: ViewDebts;
  freshness: ViewFreshness;
  now: () => number;
}): ViewKeeper {
  const { pool, views, debts, freshness, now } = deps;

  async function payOverdueDebts(): Promise<void> {
    const overdue = await debts.olderThan(overdueMs, debtsPerRound);
    if (overdue.length === 0) return;
    // Whole spans, merged over each other: debts of one outage overlap, so they are merged as one span an hour.
    await mergeRecentSearches();
    const byHour = Map.groupBy(overdue, (debt) => Math.floor(debt.from / grains.hour));
    for (const group of byHour.values()) {
      const from = Math.min(...group.map((debt) => debt.from));
      const to = Math.max(...group.map((debt) => debt.to));
      await mergeSpan(minuteOf(Math.max(from, oldestViewBucket(now()))), to);
      await debts.pay(group.map((debt) => debt.debtId));
    }
  }

  async function mergeSpan(from: number, to: number, onProgress = (_merged: number) => {}): Promise<number> {
    let merged = 0;
    for await (const counts of countsInSpan(pool, from, to)) {
      await views.merge(counts, []);
      merged += counts.length;
      onProgress(merged);
    }
    return merged;
  }

  async function mergeRecentSearches(): Promise<void> {
    for await (const searches of recentSearches(pool, now() - recentKeywordLifeMs))
      await views.merge([], searches);
  }

  async function mergeAll(
    kinds: readonly SubjectKind[],
    onProgress?: (merged: number) => void,
  ): Promise<number> {
    const fullMerge = await freshness.beginFullMerge(kinds, randomUUID());
    const merged = await mergeSpan(minuteOf(oldestViewBucket(now())), farAhead, onProgress);
    await mergeRecentSearches();
    if (!(await fullMerge.declare()))
      throw new Error('the views were deleted while they were made; trying again');
    await freshness.renew();
    return merged;
  }

  return {
    async keep() {
      await payOverdueDebts();
      const stale = await debts.olderThan(staleMs, 1);
      if (stale.length > 0) return;
      const incomplete = await freshness.renew();
      if (incomplete.length === 0) return;
      // One worker makes them; the others go on, and find them made in a later round.
      await withAdvisoryLock(pool, 'full merge', 'skip', () => mergeAll(incomplete));
    },
    async rebuild(onProgress) {
      const merged = await withAdvisoryLock(pool, 'full merge', 'wait', async () => {
        await freshness.deleteViews();
        return mergeAll(subjectKinds, onProgress);
      });
      return merged ?? 0;
    },
  };
}

function minuteOf(at: number): number {
  return at - (at % grains.minute);
}
