import { fileURLToPath } from 'node:url';
import { migrateDurableLane } from '@event-tracker/queue/boss';
import { runner } from 'node-pg-migrate';
import pg from 'pg';
import { keepPartitions } from './partitions.ts';
import { withoutLimits } from './pool.ts';
import { createPoolerCheck } from './pooler.ts';
import { settleSession } from './session.ts';

const directory = fileURLToPath(new URL('migrations', import.meta.url));
const migrationsTable = 'schema_migration';
/** A change of a large table takes as long as it takes. */
const noLimits = { statementMs: 0, lockMs: 0, idleInTransactionMs: 0 };
/** Longest wait for the first answers, in milliseconds. */
const answerMs = 10_000;

/** Brings the schema, with pg-boss's own beside it, up to date and makes the partitions that are due. Safe to run from many replicas at once. */
export async function migrate(databaseUrl: string): Promise<string[]> {
  const connection = {
    connectionString: withoutLimits(databaseUrl),
    application_name: 'event-tracker-migrate',
  };
  const client = new pg.Client(connection);
  // What runs on it fails, too, and says why.
  client.on('error', () => {});
  await client.connect();
  try {
    const session = await settleSession(client, noLimits, answerMs);
    await createPoolerCheck(connection, answerMs).check(client, session);
    const applied = await runner({
      dbClient: client,
      dir: directory,
      direction: 'up',
      migrationsTable,
      advisoryLockMode: 'wait',
      log: () => {},
    });
    // It ends with the connection. pg-boss's own locks don't cover a first installation by several at once.
    await client.query("select pg_advisory_lock(hashtext('event_tracker.durable_lane'))");
    await migrateDurableLane((text, values) => client.query(text, values));
    await keepPartitions(client, Date.now());
    return applied.map((migration) => migration.name);
  } finally {
    await client.end();
  }
}
