import { migrate } from '@event-tracker/storage/migrate';
import { runClusterVariable } from './run-database.ts';
import { createTestFolder, quickestParent, type TestFolder } from './test-folder.ts';
import { copyCluster, startServer } from './test-postgres.ts';
import type { TestStore } from './test-store.ts';

/** Migrates a server, which is shut down then, and copies what `startTestPostgres` begins with: here, and in child processes. */
export async function copyMigrated(server: TestStore): Promise<TestFolder> {
  const folder = createTestFolder(quickestParent());
  try {
    await migrate(server.url);
    await server.shutDown();
    copyCluster(server.dataDir, folder.path);
  } catch (cause) {
    folder.remove();
    throw cause;
  }
  process.env[runClusterVariable] = folder.path;
  return folder;
}

/** For `startTestPostgres` outside of Jest, whose set-up does it for a whole run. */
export async function makeMigratedCluster(): Promise<TestFolder> {
  const server = await startServer();
  try {
    return await copyMigrated(server);
  } finally {
    await server.stop();
  }
}
