import type { Redis } from './connection.ts';

/** How Redis stands with its disk. */
export interface RedisPersistence {
  /** False: the last write of the append-only file, or its last rewrite, failed. Redis refuses writes then. */
  healthy: boolean;
  fileBytes: number;
}

export async function readRedisPersistence(redis: Redis): Promise<RedisPersistence> {
  const info = await redis.info('persistence');
  const read = (field: string) => new RegExp(`^${field}:(\\S+)`, 'm').exec(info)?.[1];
  return {
    healthy: read('aof_last_write_status') === 'ok' && read('aof_last_bgrewrite_status') === 'ok',
    fileBytes: Number(read('aof_current_size') ?? 0),
  };
}
