import { execFileSync } from 'node:child_process';
import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { startPostgres } from '@event-tracker/infra';
import { ofRun, runClusterVariable } from './run-database.ts';
import { createTestStore, type TestStore } from './test-store.ts';

type Settings = Record<string, string | number>;

/**
 * Nothing of a test has to survive a power cut. fsync stays on: in memory, where a test's folder is if it can be, it costs
 * nothing, and processes report a PostgreSQL without it.
 */
const fastSettings = {
  synchronous_commit: 'off',
  full_page_writes: 'off',
  shared_buffers: '64MB',
  // Its folder may be in memory.
  max_wal_size: '256MB',
};

/** An empty PostgreSQL. */
export const startServer = (): Promise<TestStore> => createTestStore(startPostgres, fastSettings);

/** Of a PostgreSQL that is shut down: what another one starts from. */
export function copyCluster(from: string, to: string): void {
  mkdirSync(to, { recursive: true, mode: 0o700 });
  // Node's own copy would make the files root's.
  execFileSync('cp', ['-pR', join(from, 'cluster'), join(from, 'password'), to]);
}

/**
 * A PostgreSQL of this test file's own, migrated, to be killed and hung; a file that only wants data takes
 * `createTestDatabase`. Settings win over those that make it fast and forgetful: pass
 * `{ synchronous_commit: 'on' }` where the machine's crash is what is tested.
 */
export function startTestPostgres(settings: Settings = {}): Promise<TestStore> {
  const seed = ofRun(runClusterVariable);
  return createTestStore(startPostgres, { ...fastSettings, ...settings }, (dataDir) =>
    copyCluster(seed, dataDir),
  );
}
