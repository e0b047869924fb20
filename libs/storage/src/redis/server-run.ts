import type { Redis } from './connection.ts';

/** Names this run of the Redis server: after a restart it is another. */
export async function serverRun(redis: Redis): Promise<string> {
  const id = /^run_id:(\w+)/m.exec(await redis.info('server'))?.[1];
  if (id === undefined) throw new Error('Redis does not say its run id');
  return id;
}
