import { join } from 'node:path';
import { startProgress } from '../setup/shared.mjs';
import type { Store, StoreOptions } from './launch-store.ts';
import { startPostgres } from './postgres.ts';
import { redisKinds, startRedis, startViewsRedis } from './redis.ts';
import { storeFiles } from './store-files.ts';

export const storeFolders = (dataDir: string) => ({
  postgres: join(dataDir, 'postgres'),
  /** Of the fast lane. */
  redis: join(dataDir, 'redis'),
  viewsRedis: join(dataDir, 'redis-views'),
});
export const storeRecord = (folder: string): string => storeFiles(folder).record;

/** Ports that stay the same from start to start where they are free, and are not those of stores of the system. */
const preferredPorts = { postgres: 15_432, redis: 16_379, viewsRedis: 16_380 };

/** What a machine that runs everything else as well can spare. */
const postgresSettings = {
  shared_buffers: '256MB',
  max_wal_size: '2GB',
  synchronous_commit: 'on',
  random_page_cost: 1.1,
};

export const startOwnPostgres = (dataDir: string, signal: AbortSignal): Promise<Store> =>
  shown('PostgreSQL', startPostgres, {
    dataDir: storeFolders(dataDir).postgres,
    preferredPort: preferredPorts.postgres,
    settings: postgresSettings,
    signal,
  });

export const startOwnRedis = (dataDir: string, signal: AbortSignal): Promise<Store> =>
  shown(redisKinds.lane.name, startRedis, {
    dataDir: storeFolders(dataDir).redis,
    preferredPort: preferredPorts.redis,
    signal,
  });

export const startOwnViewsRedis = (dataDir: string, signal: AbortSignal): Promise<Store> =>
  shown(redisKinds.views.name, startViewsRedis, {
    dataDir: storeFolders(dataDir).viewsRedis,
    preferredPort: preferredPorts.viewsRedis,
    signal,
  });

async function shown(
  name: string,
  start: (options: StoreOptions) => Promise<Store>,
  options: StoreOptions,
): Promise<Store> {
  const progress = startProgress(`Starting ${name}`);
  let outcome: string | undefined;
  try {
    const store = await start({ ...options, say: (line) => progress.say(line) });
    outcome = `${name.padEnd(15)}started on port ${store.port} in ${progress.seconds()} s`;
    return store;
  } finally {
    progress.end(outcome);
  }
}
