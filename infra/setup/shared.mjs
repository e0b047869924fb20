/** What the TypeScript side uses of the set-up; shared.d.mts gives the types. */
export { addEnvFile, settingsLine } from './env-file.mjs';
export { findChromium } from './find-chromium.mjs';
export { findNginx } from './find-nginx.mjs';
export { findPgBouncer } from './find-pgbouncer.mjs';
export { findPrometheus } from './find-prometheus.mjs';
export { findRedis, redisAdvice } from './find-redis.mjs';
export { adviceOn } from './install-programs.mjs';
export { tryLock } from './lock-file.mjs';
export { needsOf } from './needs.mjs';
export { commandLine, waitUntilGone } from './process-info.mjs';
export { startProgress } from './progress.mjs';
export { runCommand } from './run-command.mjs';
