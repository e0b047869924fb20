import type { SubjectKind } from '@event-tracker/domain';
import type { Redis } from './connection.ts';
import { subjectKinds, viewKeyPattern, viewKeys } from './keys.ts';
import { loadScript } from './script.ts';
import { evictionReason, readViewsState, type ViewsState } from './views-state.ts';

/** How long the views count as fresh after the last worker said so. */
export const leaseMs = 10_000;

/** A Redis that evicted less long ago does so still: views that are made anew would lose some again. */
const evictionQuietMs = 60_000;

/** Whether the views are good to read: the keys that only whole views, on this Redis server, have. */
export interface ViewFreshness {
  /** Prolongs the lease of the kinds that are whole; answers those that need a full merge. Rejects while Redis evicts. */
  renew(): Promise<SubjectKind[]>;
  /** The views are not whole any more, whatever is merged into them. */
  revoke(): Promise<void>;
  /** Marks the begin of a full merge. `declare` then answers whether the views stood all the while, and are whole. */
  beginFullMerge(kinds: readonly SubjectKind[], token: string): Promise<{ declare(): Promise<boolean> }>;
  /** Deletes every view. Readers go to PostgreSQL until a full merge is done. */
  deleteViews(): Promise<number>;
}

export function createViewFreshness(redis: Redis): ViewFreshness {
  const renewLease = loadScript(redis, 'renew-lease');
  const setComplete = loadScript(redis, 'set-complete');

  let seen: ViewsState | undefined;
  let evictedAt = Number.NEGATIVE_INFINITY;

  /** A view belongs to one run of one server that has evicted nothing since: another may have lost what this one had. */
  async function look(): Promise<ViewsState> {
    const state = await readViewsState(redis);
    if (seen !== undefined && state.evicted > 0 && state.run !== seen.run) evictedAt = performance.now();
    seen = state;
    return state;
  }

  return {
    async renew() {
      const { run, evictionPolicy } = await look();
      const renewed = await Promise.all(
        subjectKinds.map((kind) =>
          renewLease([viewKeys.complete(kind), viewKeys.lease(kind)], [run, leaseMs]),
        ),
      );
      const incomplete = subjectKinds.filter((_, index) => renewed[index] !== 1);
      const evicts = evictionPolicy !== undefined && performance.now() - evictedAt < evictionQuietMs;
      if (incomplete.length > 0 && evicts)
        throw new Error(`the views' Redis: ${evictionReason(evictionPolicy)}`);
      return incomplete;
    },
    async revoke() {
      for (const key of [viewKeys.lease, viewKeys.complete, viewKeys.token])
        await Promise.all(subjectKinds.map((kind) => redis.del(key(kind))));
    },
    async beginFullMerge(kinds, token) {
      const { run } = await look();
      await Promise.all(kinds.map((kind) => redis.set(viewKeys.token(kind), token)));
      return {
        async declare() {
          const done = await Promise.all(
            kinds.map((kind) => setComplete([viewKeys.token(kind), viewKeys.complete(kind)], [token, run])),
          );
          return done.every((outcome) => outcome === 1);
        },
      };
    },
    async deleteViews() {
      // First what says that they are good, so that nobody reads a view that is half gone.
      await Promise.all(subjectKinds.map((kind) => redis.del(viewKeys.lease(kind))));
      await Promise.all(subjectKinds.map((kind) => redis.del(viewKeys.complete(kind))));
      let deleted = 0;
      let cursor = '0';
      do {
        const [next, keys] = await redis.scan(cursor, 'MATCH', viewKeyPattern, 'COUNT', 1000);
        await Promise.all(keys.map((key) => redis.unlink(key)));
        deleted += keys.length;
        cursor = next;
      } while (cursor !== '0');
      return deleted;
    },
  };
}
