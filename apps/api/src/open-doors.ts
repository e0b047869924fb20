import { isLoopback, localUrl } from '@event-tracker/runtime';
import type { ApiConfig } from './config.ts';

type Doors = Pick<ApiConfig, 'HOST' | 'WRITE_KEYS' | 'API_KEYS' | 'METRICS_AUTH'>;

/** What strangers could use on an interface that others reach, whatever NODE_ENV says: for a warning at the start. */
export function openDoors(config: Doors): string[] {
  if (isOnlyLoopback(config.HOST)) return [];
  return [
    config.WRITE_KEYS.length === 0 && 'WRITE_KEYS is empty: anybody can send events',
    config.API_KEYS.length === 0 && 'API_KEYS is empty: anybody can read statistics and use all of /api',
    config.METRICS_AUTH === 'open' && 'METRICS_AUTH is open: anybody can read the metrics',
  ].filter((door) => door !== false);
}

/** The address of all interfaces is reached by loopback as well, but not by loopback alone. */
function isOnlyLoopback(host: string): boolean {
  return host !== '0.0.0.0' && host !== '::' && isLoopback(new URL(localUrl(host, 0)).hostname);
}
