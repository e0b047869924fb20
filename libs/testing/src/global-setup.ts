import { globSync } from 'node:fs';
import { join } from 'node:path';
import pg from 'pg';
import { copyMigrated } from './migrated-cluster.ts';
import { runDatabaseVariable, templateDatabase } from './run-database.ts';
import { removeOldTestFolders } from './test-folder.ts';
import { startServer } from './test-postgres.ts';

interface JestRun {
  rootDir: string;
  testPathPatterns: { patterns: string[] };
}

/**
 * One PostgreSQL for the whole run, with a migrated database to copy, and beside it a migrated cluster to copy for files
 * that need a server of their own. None of it when only unit tests are asked for.
 */
export default async function globalSetup({ rootDir, testPathPatterns }: JestRun): Promise<void> {
  removeOldTestFolders();
  if (!needsStores(rootDir, testPathPatterns.patterns)) return;

  const server = await startServer();
  globalThis.stopTestServer = () => server.stop();
  try {
    const seed = await copyMigrated(server);
    globalThis.stopTestServer = async () => {
      await server.stop();
      seed.remove();
    };
    await server.start();
    await makeTemplate(server.url);
  } catch (cause) {
    await globalThis.stopTestServer();
    throw cause;
  }
  process.env[runDatabaseVariable] = server.url;
}

async function makeTemplate(serverUrl: string): Promise<void> {
  const migrated = new URL(serverUrl).pathname.slice(1);
  const client = new pg.Client(serverUrl);
  await client.connect();
  try {
    await client.query(`create database ${templateDatabase} template ${migrated}`);
    // A template can't be copied while somebody is connected to it, so nobody may be.
    await client.query(`alter database ${templateDatabase} with is_template true allow_connections false`);
  } finally {
    await client.end();
  }
}

function needsStores(rootDir: string, patterns: string[]): boolean {
  const files = globSync('{apps,libs,infra,test}/**/*.{int,e2e}.test.ts', {
    cwd: rootDir,
    exclude: (path) => path.includes('node_modules'),
  });
  const wanted = patterns.map((pattern) => new RegExp(pattern, 'i'));
  return files.some(
    (file) => wanted.length === 0 || wanted.some((pattern) => pattern.test(join(rootDir, file))),
  );
}

declare global {
  var stopTestServer: (() => Promise<void>) | undefined;
}
