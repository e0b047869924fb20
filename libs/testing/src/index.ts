export { whyCommitIsMissing, writeCommitTree } from './commit-tree.ts';
export { poll, until } from './poll.ts';
export { type ProgramEnd, runProgram } from './run-program.ts';
export { type Conditions, startTcpProxy, type TcpProxy } from './tcp-proxy/tcp-proxy.ts';
export { createTestAuthority, type TestAuthority } from './test-authority.ts';
export { startBrowser } from './test-browser.ts';
export { createTestFolder, quickestParent } from './test-folder.ts';
export { startNginx, type TestNginx } from './test-nginx.ts';
export { startTestPgBouncer, type TestPgBouncer } from './test-pgbouncer.ts';
export { copyCluster, startTestPostgres } from './test-postgres.ts';
export {
  adminToken,
  asAdmin,
  compileCache,
  peakMemory,
  startApi,
  startWorker,
  type TestProcess,
  untilReady,
} from './test-processes.ts';
export type { TestStore } from './test-store.ts';
export { createTestDatabase, startTestRedis, startTestViewsRedis, type TestDatabase } from './test-stores.ts';
