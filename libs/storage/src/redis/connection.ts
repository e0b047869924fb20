import type { Socket } from 'node:net';
import { isReplicaError } from '@event-tracker/queue';
import { joinWrites } from '@event-tracker/runtime/join-writes';
import { Redis } from 'ioredis';

export type { Redis } from 'ioredis';

export interface RedisConnectionOptions {
  url: string;
  name: string;
  /**
   * `fail-fast`: a command while Redis is away rejects at once, one that Redis does not answer rejects after
   * `commandTimeoutMs`; for whoever has someone waiting. `wait`: commands wait for Redis to come back; for consumers.
   */
  mode: 'fail-fast' | 'wait';
  commandTimeoutMs?: number;
  /** Called with every connection error; ioredis reconnects by itself. */
  onError(cause: unknown): void;
}

/** The longest pause between two attempts to reconnect: how late an end of an outage may be noticed. */
const longestRetryMs = 1000;
/** A Redis that became a replica is left, for its name may lead to the new primary; not for each command that it refuses. */
const leaveReplicaEveryMs = 1000;

export function connectRedis({
  url,
  name,
  mode,
  commandTimeoutMs = 500,
  onError,
}: RedisConnectionOptions): Redis {
  let leftAt = Number.NEGATIVE_INFINITY;
  const redis = new Redis(url, {
    connectionName: `event-tracker:${name}`,
    connectTimeout: 1000,
    retryStrategy: (attempt: number) => Math.min(50 * attempt, longestRetryMs),
    reconnectOnError(cause) {
      const leaves = isReplicaError(cause) && performance.now() - leftAt >= leaveReplicaEveryMs;
      if (leaves) leftAt = performance.now();
      return leaves;
    },
    ...(mode === 'fail-fast'
      ? { enableOfflineQueue: false, maxRetriesPerRequest: 0, commandTimeout: commandTimeoutMs }
      : { maxRetriesPerRequest: null }),
  });
  redis.on('error', onError);
  // ioredis makes a socket for each attempt to connect, and does not declare it.
  redis.on('connect', () => joinWrites((redis as unknown as { stream: Socket }).stream));
  return redis;
}
