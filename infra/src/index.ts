export { findChromium, findNginx } from '../setup/shared.mjs';
export type { Store, StoreOptions } from './launch-store.ts';
export { freePort } from './ports.ts';
export { startPostgres } from './postgres.ts';
export { startRedis } from './redis.ts';
export { UserError } from './user-error.ts';
