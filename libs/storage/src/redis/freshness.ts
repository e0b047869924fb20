import type { SubjectKind } from '@event-tracker/domain';
import type { Redis } from './connection.ts';
import { subjectKinds, viewKeyPattern, viewKeys } from './keys.ts';
import { loadScript } from './script.ts';
import { serverRun } from './server-run.ts';

/** How long the views count as fresh after the last worker said so. */
export const leaseMs = 10_000;

/** Whether the views are good to read: the keys that only whole views, on this Redis server, have. */
export interface ViewFreshness {
  /** Prolongs the lease of the kinds that are whole; answers those that need a full merge. */
  renew(): Promise<SubjectKind[]>;
  /** Marks the begin of a full merge. `declare` then answers whether the views stood all the while, and are whole. */
  beginFullMerge(kinds: readonly SubjectKind[], token: string): Promise<{ declare(): Promise<boolean> }>;
  /** Deletes every view. Readers go to PostgreSQL until a full merge is done. */
  deleteViews(): Promise<number>;
}

export function createViewFreshness(redis: Redis): ViewFreshness {
  const renewLease = loadScript(redis, 'renew-lease');
  const setComplete = loadScript(redis, 'set-complete');

  // A view belongs to one run of one server: another may have lost what this one had.
  const runId = () => serverRun(redis);

  return {
    async renew() {
      const id = await runId();
      const renewed = await Promise.all(
        subjectKinds.map((kind) =>
          renewLease([viewKeys.complete(kind), viewKeys.lease(kind)], [id, leaseMs]),
        ),
      );
      return subjectKinds.filter((_, index) => renewed[index] !== 1);
    },
    async beginFullMerge(kinds, token) {
      const id = await runId();
      await Promise.all(kinds.map((kind) => redis.set(viewKeys.token(kind), token)));
      return {
        async declare() {
          const done = await Promise.all(
            kinds.map((kind) => setComplete([viewKeys.token(kind), viewKeys.complete(kind)], [token, id])),
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
