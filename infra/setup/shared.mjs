/** What the TypeScript side uses of the set-up; shared.d.mts gives the types. */
export { findRedis, redisAdvice } from './find-redis.mjs';
export { tryLock } from './lock-file.mjs';
export { commandLine, waitUntilGone } from './process-info.mjs';
export { startProgress } from './progress.mjs';
export { runCommand } from './run-command.mjs';
