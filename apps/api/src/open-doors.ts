import type { ApiConfig } from './config.ts';

const loopback = /^(localhost|127\.\d+\.\d+\.\d+|::1)$/;

type Doors = Pick<
  ApiConfig,
  'NODE_ENV' | 'HOST' | 'WRITE_KEYS' | 'API_KEYS' | 'ADMIN_TOKENS' | 'METRICS_AUTH'
>;

/** What strangers could use, in production on an interface that others reach: for a warning at the start. */
export function openDoors(config: Doors): string[] {
  if (config.NODE_ENV !== 'production' || loopback.test(config.HOST)) return [];
  return [
    config.WRITE_KEYS.length === 0 && 'WRITE_KEYS is empty: anybody can send events',
    config.API_KEYS.length === 0 && 'API_KEYS is empty: anybody can read statistics and use all of /api',
    config.ADMIN_TOKENS.length === 0 &&
      'ADMIN_TOKENS is empty: the admin routes are open to every direct request from this machine',
    config.METRICS_AUTH === 'open' && 'METRICS_AUTH is open: anybody can read the metrics',
  ].filter((door) => door !== false);
}
