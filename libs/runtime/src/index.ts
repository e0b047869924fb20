export {
  type AdminAccess,
  adminChallenges,
  adminRefusals,
  type CheckAdmin,
  createAdminAccess,
} from './admin/admin-access.ts';
export { type AdminSessions, createAdminSessions } from './admin/admin-session.ts';
export {
  authorizationKeys,
  bearerToken,
  createSecretCheck,
  createSecretIndex,
  fingerprint,
  type SecretCheck,
} from './admin/secrets.ts';
export { checkoutTokenFile, readCheckoutToken } from './checkout-token.ts';
export { type ClientKeys, clientKeys, keyProblem } from './client-keys.ts';
export { type Closers, createClosers } from './closers.ts';
export {
  basePath,
  ConfigError,
  commonConfig,
  loadAll,
  metricsConfig,
  parseConfig,
  secretList,
  wholeNumber,
  withRunningStores,
} from './config.ts';
export { hostVariable } from './host.ts';
export { hostUrl } from './host-url.ts';
export { isLoopback } from './is-loopback.ts';
export { joinWrites } from './join-writes.ts';
export { localUrl } from './local-url.ts';
export { createLogger, type Logger } from './logger.ts';
export type { Histogram } from './metrics/histogram.ts';
export { type Counter, createMetrics, latencyBounds, type Metrics } from './metrics/metrics.ts';
export { registerPools } from './metrics/pool-metrics.ts';
export { createOutageNote, type OutageNote } from './outage-note.ts';
export { type HealthChecks, type Readiness, readiness } from './readiness.ts';
export { type RedisUrls, redisUrls, redisVariables, withRedis } from './redis-urls.ts';
export { repeat } from './repeat.ts';
export { type Running, runProcess } from './run-process.ts';
export { type RunningStores, readRunningStores, runningStoresFile } from './running-stores.ts';
export { createSampled, type Sampled } from './sampled.ts';
export { storeUrl } from './store-url.ts';
export { withTimeout } from './with-timeout.ts';
