import type { Metrics } from './metrics.ts';

interface CountedPool {
  totalCount: number;
  idleCount: number;
  waitingCount: number;
  options: { max?: number | undefined };
}

/** The connection pools of this process by name. */
export function registerPools(metrics: Metrics, pools: Readonly<Record<string, CountedPool>>): void {
  metrics.read({
    type: 'gauge',
    name: 'pool_connections',
    help: 'Connections of a pool: in use, idle, and the most there may be.',
    labels: ['pool', 'state'],
    read: () =>
      Object.entries(pools).flatMap(([name, pool]) => [
        [name, 'used', pool.totalCount - pool.idleCount] as const,
        [name, 'idle', pool.idleCount] as const,
        [name, 'max', pool.options.max] as const,
      ]),
  });
  metrics.read({
    type: 'gauge',
    name: 'pool_waiting',
    help: 'Who waits for a connection of a pool.',
    labels: ['pool'],
    read: () => Object.entries(pools).map(([name, pool]) => [name, pool.waitingCount] as const),
  });
}
