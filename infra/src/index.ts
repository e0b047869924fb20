export { findChromium, findNginx, findPgBouncer } from '../setup/shared.mjs';
export { isRoot, unprivilegedIdentity } from './identity.ts';
export type { Store, StoreOptions } from './launch-store.ts';
export { freePort } from './ports.ts';
export { startPostgres } from './postgres.ts';
export { startRedis, startViewsRedis } from './redis.ts';
export { UserError } from './user-error.ts';
