import type { Redis } from './connection.ts';

/** Hears what is published on a channel. Takes the connection for itself, which waits for Redis and listens again after an outage. */
export function listenInRedis(redis: Redis, channel: string, hear: (text: string) => void): void {
  redis.on('message', (_channel, text) => hear(text));
  // Waits for Redis; rejects only once the connection is given up.
  redis.subscribe(channel).catch(() => {});
}
