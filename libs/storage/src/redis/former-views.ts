import { once } from 'node:events';
import { setTimeout as pause } from 'node:timers/promises';
import type { Redis } from './connection.ts';
import { isDisposable, subjectKinds, viewKeys } from './keys.ts';
import { loadScript } from './script.ts';
import { serverRun } from './server-run.ts';

/**
 * Views in a Redis that is no longer theirs: the fast lane's, where a release or a configuration without `VIEWS_REDIS_URL`
 * had them. Processes of that kind may still run.
 */
export interface FormerViews {
  /**
   * Whether a worker still keeps views there. Where none does they are no longer called whole, since from now on nobody
   * merges into them. False while that Redis is away: nobody merges into it then either.
   */
  areKept(): Promise<boolean>;
  /** Whether a process is connected that may read them. Rejects when Redis does not say who is connected. */
  areUsed(): Promise<boolean>;
  /** Deletes views and caches in small steps, until a process is connected that may read them. Answers how many keys. */
  delete(signal: AbortSignal): Promise<number>;
}

/** So a process names its connections to the Redis of its views. */
const usersOfViews = new Set(['event-tracker:views', 'event-tracker:rebuild']);

/** While Redis is away, its connection is waited for as long; the lease is renewed every second and lives ten. */
const connectLimitMs = 1000;
/** Keys that are looked at in a step, and the pause after it: the lane comes first. */
const keysPerStep = 100;
const stepPauseMs = 5;

/**
 * @param redis where views may be left; it fails fast
 * @param viewsRedis where the views are. While both are the same database of one server, under two names, nothing is former
 */
export function createFormerViews({ redis, viewsRedis }: { redis: Redis; viewsRedis: Redis }): FormerViews {
  const disown = loadScript(redis, 'disown-views');
  let apart: boolean | undefined;
  for (const one of [redis, viewsRedis])
    one.on('ready', () => {
      apart = undefined;
    });

  async function isApart(): Promise<boolean> {
    apart ??=
      redis.options.db !== viewsRedis.options.db ||
      (await serverRun(redis)) !== (await serverRun(viewsRedis));
    return apart;
  }

  async function areUsed(): Promise<boolean> {
    if (!(await isApart())) return true;
    const clients = String(await redis.client('LIST')).split('\n');
    return clients.some((client) => {
      const name = /\bname=(\S*)/.exec(client)?.[1] ?? '';
      return usersOfViews.has(name) && Number(/\bdb=(\d+)/.exec(client)?.[1]) === (redis.options.db ?? 0);
    });
  }

  return {
    async areKept() {
      try {
        if (redis.status !== 'ready')
          await once(redis, 'ready', { signal: AbortSignal.timeout(connectLimitMs) });
        if (!(await isApart())) return false;
        const kept = await Promise.all(
          subjectKinds.map((kind) =>
            disown([viewKeys.lease(kind), viewKeys.complete(kind), viewKeys.token(kind)], []),
          ),
        );
        return kept.includes(1);
      } catch {
        return false;
      }
    },
    areUsed,
    async delete(signal) {
      let deleted = 0;
      let cursor = '0';
      do {
        signal.throwIfAborted();
        if (await areUsed()) return deleted;
        const [next, keys] = await redis.scan(cursor, 'COUNT', keysPerStep);
        const former = keys.filter(isDisposable);
        if (former.length > 0) await Promise.all(former.map((key) => redis.unlink(key)));
        deleted += former.length;
        cursor = next;
        await pause(stepPauseMs, undefined, { signal });
      } while (cursor !== '0');
      return deleted;
    },
  };
}
