import { startTestPostgres, type TestStore } from '@event-tracker/testing';
import pg from 'pg';
import { createDurableLane, type DurableLane } from '../../src/index.ts';

export interface TestDurableLane {
  store: TestStore;
  pool: pg.Pool;
  lane: DurableLane;
  close(): Promise<void>;
}

/** How long PostgreSQL may take over a statement, in milliseconds. */
export const queryTimeoutMs = 500;

/** A durable lane on a PostgreSQL of the test file's own. */
export async function openTestDurableLane(settings?: Record<string, string>): Promise<TestDurableLane> {
  const store = await startTestPostgres(settings);
  const pool = new pg.Pool({ connectionString: store.url, connectionTimeoutMillis: 500, max: 8 });
  pool.on('error', () => {});
  pool.on('connect', (client) => client.on('error', () => {}));
  const lane = createDurableLane({ pool, queryTimeoutMs, onError: () => {} });
  return {
    store,
    pool,
    lane,
    async close() {
      await lane.close();
      await pool.end();
      await store.stop();
    },
  };
}
