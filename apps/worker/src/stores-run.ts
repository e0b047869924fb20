import { type Pool, type Redis, serverRun } from '@event-tracker/storage';

/** Names this run of both stores: another name means that one was started anew. Rejects while one does not answer. */
export function createStoresRun({ pool, redis }: { pool: Pool; redis: Redis }): () => Promise<string> {
  return async () => {
    const [{ rows }, redisRun] = await Promise.all([
      pool.query<{ startedAt: string }>('select pg_postmaster_start_time()::text as "startedAt"'),
      serverRun(redis),
    ]);
    return `${redisRun} ${rows[0]!.startedAt}`;
  };
}
