import type { EnteredCommits, Fold, Folds } from '@event-tracker/storage';
import type { ViewMerger } from '../view-merger.ts';

export interface FoldShower {
  /** Merges what a fold added up into the views, then enters its commits in the books. Asks to be waited for when behind. */
  show(fold: Fold): Promise<void> | undefined;
  /** Enters what waits for that. */
  enter(): Promise<void>;
  /** Resolves when all that was taken is shown and entered, or could not be. */
  idle(): Promise<void>;
}

/** A hung Redis holds a merge up for the time-out of its command; folds go on beside so many. */
const mergesMax = 8;
const entriesMax = 1000;

/**
 * What follows a fold. A merge that fails leaves the fold's view debt standing, which any worker pays later; commits are
 * entered in the books once they are in the views, or 2 s after they could not be.
 */
export function createFoldShower(deps: {
  folds: Pick<Folds, 'enter'>;
  views: Pick<ViewMerger, 'merge'>;
  metrics: {
    merged(seconds: number, reached: boolean): void;
    shown(receivedAt: number, events: number): void;
  };
  onError(cause: unknown): void;
}): FoldShower {
  const { folds, views, metrics, onError } = deps;
  const merging = new Set<Promise<void>>();
  let paid: number[] = [];
  let entering: Promise<void> | undefined;
  let again = false;

  async function merge({ counts, recentKeywords, debtId }: Fold): Promise<void> {
    if (debtId !== undefined) {
      const began = performance.now();
      const reached = await views.merge(counts, recentKeywords);
      metrics.merged((performance.now() - began) / 1000, reached);
      if (reached) paid.push(debtId);
    }
    await enter();
  }

  async function enterAll(): Promise<void> {
    do {
      again = false;
      const merged = paid;
      paid = [];
      let entered: EnteredCommits;
      try {
        entered = await folds.enter(entriesMax, merged);
      } catch (cause) {
        // They are taken off with the next; until then the debts are paid a second time, at worst.
        paid.push(...merged);
        onError(cause);
        return;
      }
      for (const { receivedAt, events } of entered.shown) metrics.shown(receivedAt, events);
      if (entered.entries === entriesMax) again = true;
    } while (again);
  }

  function enter(): Promise<void> {
    again = true;
    entering ??= enterAll().finally(() => {
      entering = undefined;
    });
    return entering;
  }

  return {
    show(fold) {
      if (fold.changes === 0) return undefined;
      const shown = merge(fold).finally(() => merging.delete(shown));
      merging.add(shown);
      return merging.size >= mergesMax ? Promise.race(merging) : undefined;
    },
    enter,
    async idle() {
      while (merging.size > 0) await Promise.all(merging);
      await entering;
    },
  };
}
