import { type Running, redisUrls, repeat } from '@event-tracker/runtime';
import { createFormerViews, type FormerViews } from '@event-tracker/storage';
import type { WorkerConfig } from './config.ts';
import type { WorkerStores } from './connect-stores.ts';

const lookEveryMs = 5000;
/** A process that lost its connection is back within two seconds. */
const unusedMs = 10_000;
/** Processes without VIEWS_REDIS_URL may have run again, as after a way back. */
const againMs = 3_600_000;

/** Views that were in the fast lane's Redis; undefined while views and lane share one. */
export function openFormerViews(
  deps: Running<WorkerConfig> & { stores: WorkerStores },
): FormerViews | undefined {
  const { config, log, closers, stores } = deps;
  if (!redisUrls(config).apart) return undefined;
  const formerViews = createFormerViews({ redis: stores.quarantineRedis, viewsRedis: stores.viewsRedis });
  const ending = new AbortController();
  let unusedSince: number | undefined;
  let restsUntil = Number.NEGATIVE_INFINITY;

  async function deleteUnused(): Promise<void> {
    if (performance.now() < restsUntil) return;
    if (await formerViews.areUsed()) {
      unusedSince = undefined;
      return;
    }
    unusedSince ??= performance.now();
    if (performance.now() - unusedSince < unusedMs) return;
    const deleted = await formerViews.delete(ending.signal);
    restsUntil = performance.now() + againMs;
    if (deleted > 0)
      log.info({ deleted }, "views and caches that were left in the fast lane's Redis are deleted");
  }

  const stop = repeat(lookEveryMs, deleteUnused, (cause) => {
    unusedSince = undefined;
    log.debug({ err: cause }, "what older views left in the fast lane's Redis could not be deleted");
  });
  closers.add('former views', () => {
    ending.abort();
    return stop();
  });
  return formerViews;
}
