import { randomBytes } from 'node:crypto';
import { setTimeout as sleep } from 'node:timers/promises';
import { startRedis, startViewsRedis } from '@event-tracker/infra';
import pg from 'pg';
import { databaseUrl, ofRun, runDatabaseVariable, templateDatabase } from './run-database.ts';
import { createTestStore, type TestStore } from './test-store.ts';

export interface TestDatabase {
  url: string;
  /** Removes it. Throws when connections to it were left open: whoever opened them leaks. */
  drop(): Promise<void>;
}

/** Milliseconds that connections get to go away once their owners have closed them. */
const goodbyeLimitMs = 2_000;

/** A migrated, empty database of this test file's own. */
export async function createTestDatabase(): Promise<TestDatabase> {
  const name = `test_${randomBytes(6).toString('hex')}`;
  await asAdmin((client) => client.query(`create database ${name} template ${templateDatabase}`));
  return {
    url: databaseUrl(serverUrl(), name),
    drop: () =>
      asAdmin(async (client) => {
        const left = await connectionsLeft(client, name);
        await client.query(`drop database ${name} with (force)`);
        if (left.length > 0) throw new Error(`connections were left open: ${left.join('; ')}`);
      }),
  };
}

/**
 * A Redis of this test file's own on infra/redis.conf. `appendfsync: 'everysec'` is faster, for tests that kill no
 * machine; other settings as redis.conf spells them.
 */
export const startTestRedis = (settings: Record<string, string | number> = {}): Promise<TestStore> =>
  createTestStore(startRedis, settings);

/** The same on infra/redis-views.conf: one for views and caches alone, that keeps nothing. */
export const startTestViewsRedis = (settings: Record<string, string | number> = {}): Promise<TestStore> =>
  createTestStore(startViewsRedis, settings);

const serverUrl = (): string => ofRun(runDatabaseVariable);

async function asAdmin<T>(work: (client: pg.Client) => Promise<T>): Promise<T> {
  const client = new pg.Client(serverUrl());
  await client.connect();
  try {
    return await work(client);
  } finally {
    await client.end();
  }
}

async function connectionsLeft(client: pg.Client, database: string): Promise<string[]> {
  const deadline = Date.now() + goodbyeLimitMs;
  for (;;) {
    const { rows } = await client.query<{ what: string }>(
      `select concat_ws(', ', nullif(application_name, ''), state, left(query, 80)) as what
         from pg_stat_activity where datname = $1 and backend_type = 'client backend'`,
      [database],
    );
    if (rows.length === 0 || Date.now() > deadline) return rows.map(({ what }) => what);
    await sleep(25);
  }
}
