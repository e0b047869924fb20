import { createOutageNote, type Running, repeat, withTimeout } from '@event-tracker/runtime';
import {
  createViewDebts,
  createViewFreshness,
  createViewKeeper,
  createViews,
  type FormerViews,
  type ViewKeeper,
  type Views,
} from '@event-tracker/storage';
import { closeLimits } from './close-limits.ts';
import type { WorkerConfig } from './config.ts';
import type { WorkerStores } from './connect-stores.ts';
import { noteMergedHours } from './merged-hours.ts';

/** How often the views are looked after: a fifth of the lease's life. */
const roundMs = 2000;

export interface KeptViews {
  views: Views;
  keeper: ViewKeeper;
  /** When a round of looking after them last ended well. */
  keptAt(): number | undefined;
  /** Whether workers keep views elsewhere still: nothing is merged into these. */
  keptElsewhere(): boolean;
}

/** The views, looked after every other second. */
export function keepViews(
  deps: Running<WorkerConfig> & {
    stores: WorkerStores;
    formerViews: FormerViews | undefined;
    now: () => number;
  },
): KeptViews {
  const { config, log, closers, stores, formerViews, now } = deps;
  const { pool, viewsRedis } = stores;
  const merged = noteMergedHours(
    createViews({ redis: viewsRedis, now, membersMax: config.VIEW_MEMBERS_MAX }),
  );
  const { views } = merged;
  const debts = createViewDebts(pool);
  // Until it is known.
  let elsewhere = formerViews !== undefined;
  /**
   * Another worker has made its views whole elsewhere since the last look: a look takes an unfinished one's mark away. What
   * was merged and paid here meanwhile may be missing there.
   */
  async function oweThere(): Promise<void> {
    const hours = merged.lately();
    if (hours.length === 0) return;
    await debts.owe(hours);
    merged.forget();
  }
  const keeper = createViewKeeper({
    pool,
    views,
    debts,
    freshness: createViewFreshness(viewsRedis),
    now,
    async keptElsewhere() {
      elsewhere = (await formerViews?.areKept()) ?? false;
      if (!elsewhere) merged.next();
      else await oweThere();
      return elsewhere;
    },
  });
  const note = createOutageNote(log, 'what keeps the views');
  let keptAt: number | undefined;
  const kept = () => {
    keptAt = now();
    note.back();
  };
  const stop = repeat(roundMs, () => keeper.keep().then(kept), note.away);
  closers.add('views', () => withTimeout(stop(), closeLimits.hangingDrainMs, 'the views').catch(() => {}));
  return { views, keeper, keptAt: () => keptAt, keptElsewhere: () => elsewhere };
}
