import { createOutageNote, type Running, repeat, withTimeout } from '@event-tracker/runtime';
import {
  createViewDebts,
  createViewFreshness,
  createViewKeeper,
  createViews,
  type ViewKeeper,
  type Views,
} from '@event-tracker/storage';
import { closeLimits } from './close-limits.ts';
import type { WorkerConfig } from './config.ts';
import type { WorkerStores } from './connect-stores.ts';

/** How often the views are looked after: a fifth of the lease's life. */
const roundMs = 2000;

export interface KeptViews {
  views: Views;
  keeper: ViewKeeper;
  /** When a round of looking after them last ended well. */
  keptAt(): number | undefined;
}

/** The views, looked after every other second. */
export function keepViews(
  deps: Running<WorkerConfig> & { stores: WorkerStores; now: () => number },
): KeptViews {
  const { config, log, closers, stores, now } = deps;
  const { pool, viewsRedis } = stores;
  const views = createViews({ redis: viewsRedis, now, membersMax: config.VIEW_MEMBERS_MAX });
  const debts = createViewDebts(pool);
  const keeper = createViewKeeper({ pool, views, debts, freshness: createViewFreshness(viewsRedis), now });
  const note = createOutageNote(log, 'what keeps the views');
  let keptAt: number | undefined;
  const kept = () => {
    keptAt = now();
    note.back();
  };
  const stop = repeat(roundMs, () => keeper.keep().then(kept), note.away);
  closers.add('views', () => withTimeout(stop(), closeLimits.hangingDrainMs, 'the views').catch(() => {}));
  return { views, keeper, keptAt: () => keptAt };
}
