import type { Redis } from 'ioredis';

export interface RedisMemory {
  usedBytes: number;
  /** 0: no limit is set. */
  maxBytes: number;
}

export async function readRedisMemory(redis: Redis): Promise<RedisMemory> {
  const info = await redis.info('memory');
  const read = (field: string) => Number(new RegExp(`^${field}:(\\d+)`, 'm').exec(info)?.[1] ?? 0);
  return { usedBytes: read('used_memory'), maxBytes: read('maxmemory') };
}
