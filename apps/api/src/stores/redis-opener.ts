import { createOutageNote, type OutageNote, type Running } from '@event-tracker/runtime';
import { connectRedis, type Redis, type RedisConnectionOptions } from '@event-tracker/storage';
import type { ApiConfig } from '../config.ts';

/** Opens a connection; its note tells that connection's outages, and knows why it is away. */
export type OpenRedis = (
  name: string,
  url: string,
  mode: RedisConnectionOptions['mode'],
) => { redis: Redis; note: OutageNote };

export function createRedisOpener({ config, log, closers }: Running<ApiConfig>): OpenRedis {
  return (name, url, mode) => {
    const note = createOutageNote(log, `Redis (${name})`);
    const redis = connectRedis({
      url,
      name,
      mode,
      commandTimeoutMs: config.REDIS_TIMEOUT_MS,
      onError: note.away,
    });
    redis.on('ready', note.back);
    closers.add(`Redis (${name})`, () => redis.disconnect());
    return { redis, note };
  };
}
