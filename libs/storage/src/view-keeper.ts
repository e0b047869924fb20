import { randomUUID } from 'node:crypto';
import { bucketStart, grains, recentKeywordLifeMs, type SubjectKind } from '@event-tracker/domain';
import type { BucketSpan } from './bucket-spans.ts';
import { mergeSpans } from './merge-spans.ts';
import { withAdvisoryLock } from './postgres/advisory-lock.ts';
import type { Pool } from './postgres/pool.ts';
import { recentSearches } from './postgres/recent-searches.ts';
import type { ViewDebt, ViewDebts } from './postgres/view-debts.ts';
import type { ViewFreshness } from './redis/freshness.ts';
import { subjectKinds } from './redis/keys.ts';
import { oldestViewBucket, type Views } from './redis/views.ts';

/** A worker pays for its own fold within milliseconds. After so long it is taken to be dead, or cut off. */
const overdueMs = 1000;
const debtsAtOnce = 50_000;
/** With more than these overdue, and the views away, they become one: an outage makes some 20 a second. */
const overdueMax = 1000;

/** No event that is accepted now lies further ahead; open-ended on purpose, clocks differ. */
const farAhead = Date.UTC(2200, 0);

export interface ViewKeeper {
  /**
   * One round: pays debts that were left standing, then prolongs the lease, or makes the views whole first. While a debt
   * can't be paid it rejects, and the lease runs out.
   */
  keep(): Promise<void>;
  /** Deletes the views and makes them again from the ledger. `onProgress` is told the counts merged so far. */
  rebuild(onProgress: (counts: number) => void): Promise<number>;
}

/** Keeps the views equal to the ledger where folds alone don't: after a crash, an outage, a deletion. */
export function createViewKeeper(deps: {
  pool: Pool;
  views: Views;
  debts: ViewDebts;
  freshness: ViewFreshness;
  now: () => number;
  /**
   * Whether workers keep views elsewhere. Each of them pays its own debts there, so what is here lacks those; and debts that
   * were paid here would be missing there.
   */
  keptElsewhere?: () => Promise<boolean>;
}): ViewKeeper {
  const { pool, views, debts, freshness, now, keptElsewhere = async () => false } = deps;

  /** All of them, however many an outage has left; rejects unless all were paid. They overlap: each minute and each hour is merged once a turn. */
  async function payOverdueDebts(): Promise<void> {
    for (;;) {
      const overdue = await debts.olderThan(overdueMs, debtsAtOnce);
      if (overdue.length === 0) return;
      try {
        await mergeOwed(overdue);
      } catch (cause) {
        // Never while payments succeed: one debt for another would leave a keeper that pays with a row that is gone.
        if (overdue.length > overdueMax) await debts.unite(overdueMs);
        throw cause;
      }
      await debts.pay(overdue.map((debt) => debt.debtId));
    }
  }

  async function mergeOwed(overdue: readonly ViewDebt[]): Promise<void> {
    const oldest = bucketStart(oldestViewBucket(now()), 'hour');
    const spans = overdue
      .flatMap(spansOf)
      .filter(({ to }) => to >= oldest)
      .map(({ from, to }) => ({ from: Math.max(from, oldest), to }));
    if (spans.length === 0) return;
    const first = spans.reduce((least, { from }) => Math.min(least, from), Number.POSITIVE_INFINITY);
    await mergeRecentSearches(first - 1);
    await mergeSpans({ pool, views }, spans);
  }

  async function mergeRecentSearches(since = 0): Promise<void> {
    for await (const searches of recentSearches(pool, Math.max(since, now() - recentKeywordLifeMs)))
      await views.merge([], searches);
  }

  async function mergeAll(
    kinds: readonly SubjectKind[],
    onProgress?: (merged: number) => void,
  ): Promise<number> {
    const fullMerge = await freshness.beginFullMerge(kinds, randomUUID());
    const span = { from: oldestViewBucket(now()), to: farAhead };
    const merged = await mergeSpans({ pool, views }, [span], onProgress);
    await mergeRecentSearches();
    if (!(await fullMerge.declare()))
      throw new Error('the views were deleted while they were made; trying again');
    await freshness.renew();
    return merged;
  }

  return {
    async keep() {
      if (await keptElsewhere()) return freshness.revoke();
      await payOverdueDebts();
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

/** What a debt owes, both ends inclusive. */
function spansOf({ from, to, hours }: ViewDebt): BucketSpan[] {
  return hours?.map((hour) => ({ from: hour, to: hour + grains.hour - grains.minute })) ?? [{ from, to }];
}
