import { type Running, withTimeout } from '@event-tracker/runtime';
import { classifyFailure, createReconciler, type ViewKeeper, type Views } from '@event-tracker/storage';
import { closeLimits } from './close-limits.ts';
import type { WorkerConfig } from './config.ts';
import type { WorkerStores } from './connect-stores.ts';
import { startMaintenance } from './maintenance.ts';

/** Takes part in what has to be done now and then. */
export function openMaintenance(
  deps: Running<WorkerConfig> & {
    stores: WorkerStores;
    views: Views;
    keeper: ViewKeeper;
    now: () => number;
  },
): void {
  const { config, log, closers, stores, views, keeper, now } = deps;
  const { pool, viewsRedis, postgresNote } = stores;
  const maintenance = startMaintenance({
    pool,
    keeper,
    reconciler: createReconciler({ pool, redis: viewsRedis, views, now }),
    queryTimeoutMs: config.DATABASE_TIMEOUT_MS,
    lifetimes: config.lifetimes,
    now,
    log,
    onAway: (cause) =>
      classifyFailure(cause) === 'away' ? postgresNote.away(cause) : log.warn({ err: cause }, 'schedule'),
  });
  closers.add('maintenance', () =>
    withTimeout(maintenance.close(), closeLimits.hangingDrainMs, 'the maintenance').catch(() => {}),
  );
}
