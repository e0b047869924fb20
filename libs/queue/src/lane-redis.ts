import { repeat } from '@event-tracker/runtime/repeat';
import type { Redis } from 'ioredis';

/** Why a Redis may not carry the fast lane: what it takes could be lost, or it takes nothing. */
export interface LaneRefusal {
  reason: string;
  /** It takes no writes, as after a failover: its name may lead to the new primary by now. */
  isReplica: boolean;
}

/** Undefined when it may. Rejects when it does not answer. */
export async function readLaneRefusal(redis: Redis): Promise<LaneRefusal | undefined> {
  const info = await redis.info('persistence', 'memory', 'replication');
  const read = (field: string) => new RegExp(`^${field}:(\\S+)`, 'm').exec(info)?.[1];
  if (read('role') === 'slave')
    return {
      isReplica: true,
      reason: `Redis is a replica of ${read('master_host')}:${read('master_port')}, and takes no writes (READONLY): REDIS_URL, or QUEUE_REDIS_URL, has to name the primary`,
    };
  if (read('aof_enabled') !== '1')
    return {
      isReplica: false,
      reason: 'Redis runs without an append-only file, so what it takes is not durable: set `appendonly yes`',
    };
  const policy = read('maxmemory_policy');
  if (policy !== undefined && policy !== 'noeviction')
    return {
      isReplica: false,
      reason: `Redis may evict events that wait (\`maxmemory-policy ${policy}\`): set \`maxmemory-policy noeviction\``,
    };
  return undefined;
}

/** Whether Redis refused a command because it is, or has just become, a replica. */
export const isReplicaError = (cause: unknown): boolean =>
  cause instanceof Error && /^(READONLY|UNBLOCKED)\b/.test(cause.message);

/** Keeps an eye on a Redis that may carry the fast lane. */
export interface LaneRedisWatch {
  /** As of the latest check. */
  refusal(): string | undefined;
  /** Asks now. */
  check(): Promise<string | undefined>;
  close(): Promise<void>;
}

/** CONFIG SET and a failover change a Redis under an open connection: how late that may be noticed. */
const checkEveryMs = 1000;
const reconnectEveryMs = 5000;

/**
 * Checks with every connect, and every second after that. A replica is connected to anew now and then: after a failover
 * its name leads to the new primary, but an open connection stays with the old one.
 *
 * @param redis fails fast
 * @param onChange called with each new reason why it may not, and once it may
 */
export function watchLaneRedis(
  redis: Redis,
  onChange: (refusal: LaneRefusal | undefined) => void,
): LaneRedisWatch {
  let found: LaneRefusal | undefined;
  let unreachable: string | undefined = 'Redis has not been reached yet';
  let reconnectedAt = Number.NEGATIVE_INFINITY;
  const refusal = () => found?.reason ?? unreachable;

  async function check(): Promise<string | undefined> {
    try {
      const before = refusal();
      // It answers INFO while it is still loading its file, and takes nothing else.
      if (redis.status !== 'ready') throw new Error('it is not connected');
      found = await readLaneRefusal(redis);
      unreachable = undefined;
      if (found?.reason !== before) onChange(found);
      if (found?.isReplica) reconnect();
    } catch (cause) {
      const why = `Redis could not be checked: ${cause instanceof Error ? cause.message : cause}`;
      // A lane that is in use is given up by its batches, not by a check that came late.
      if (unreachable !== undefined) unreachable = why;
      return found?.reason ?? why;
    }
    return refusal();
  }

  function reconnect(): void {
    if (performance.now() - reconnectedAt < reconnectEveryMs) return;
    reconnectedAt = performance.now();
    redis.disconnect(true);
  }

  const onReady = () => void check();
  const onClose = () => {
    unreachable = 'Redis is away';
  };
  redis.on('ready', onReady);
  redis.on('close', onClose);
  const stop = repeat(
    checkEveryMs,
    async () => {
      if (redis.status === 'ready') await check();
    },
    () => {},
  );
  return {
    refusal,
    check,
    close() {
      redis.off('ready', onReady);
      redis.off('close', onClose);
      return stop();
    },
  };
}
