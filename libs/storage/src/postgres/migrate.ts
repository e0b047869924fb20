import { fileURLToPath } from 'node:url';
import { migrateDurableLane } from '@event-tracker/queue/boss';
import { runner } from 'node-pg-migrate';
import pg from 'pg';
import { keepPartitions } from './partitions.ts';

const directory = fileURLToPath(new URL('migrations', import.meta.url));
const migrationsTable = 'schema_migration';

/** Brings the schema, with pg-boss's own beside it, up to date and makes the partitions that are due. Safe to run from many replicas at once. */
export async function migrate(databaseUrl: string): Promise<string[]> {
  const applied = await runner({
    databaseUrl,
    dir: directory,
    direction: 'up',
    migrationsTable,
    advisoryLockMode: 'wait',
    log: () => {},
  });
  const client = new pg.Client(databaseUrl);
  await client.connect();
  try {
    // It ends with the connection. pg-boss's own locks don't cover a first installation by several at once.
    await client.query("select pg_advisory_lock(hashtext('event_tracker.durable_lane'))");
    await migrateDurableLane((text, values) => client.query(text, values));
    await keepPartitions(client, Date.now());
  } finally {
    await client.end();
  }
  return applied.map((migration) => migration.name);
}
