import { fileURLToPath } from 'node:url';
import { grains } from '@event-tracker/domain';
import { createTestDatabase } from '@event-tracker/testing';
import { expect, test } from '@jest/globals';
import { runner } from 'node-pg-migrate';
import {
  checkDays,
  createBooksReader,
  createFolds,
  createLedger,
  createPool,
  createViewDebts,
} from '../src/index.ts';
import { migrate } from '../src/postgres/migrate.ts';
import { aBatch, anEvent } from './support/builders.ts';
import { everything } from './support/test-ledger.ts';

const dir = fileURLToPath(new URL('../src/postgres/migrations', import.meta.url));
const migrationsTable = 'schema_migration';
const utcDay = (daysAgo: number) => new Date(Date.now() - daysAgo * grains.day).toISOString().slice(0, 10);

/** As the release before folds leaves it: days that were counted, that are open, and one that went; a debt, a producer. */
const before = `
  select make_partition('event', 'occurred_at', ((now() at time zone 'UTC')::date - ago)::date) from generate_series(0, 9) as ago;
  insert into event (event_id, occurred_at, received_at, component_id, event_type, session_id)
  select gen_random_uuid(), (((now() at time zone 'UTC')::date - ago)::timestamp at time zone 'UTC') + interval '1 minute',
    now(), 1, 'CLICK', 's'
  from unnest(array[0, 3, 3, 4, 4, 4, 5]) as ago;
  insert into event_day (day, rows, late_commits, dropped) values
    ('${utcDay(3)}', 2, 1, 0), ('${utcDay(4)}', null, 2, 0), ('${utcDay(40)}', null, 1, 13);
  insert into producer (producer_id, acknowledged, received, stored, duplicate, dead) values
    ('11111111-0000-4000-8000-000000000000', 21, 21, 20, 1, 0);
  insert into view_debt (from_minute, to_minute) values (now() - interval '3 hours', now());`;

test('what the release before folds has stored, counted and owes is as it was, and goes on', async () => {
  const database = await createTestDatabase();
  const pool = createPool({
    url: database.url,
    applicationName: 'migration-test',
    max: 4,
    connectTimeoutMs: 5000,
    queryTimeoutMs: 15_000,
    onError: () => {},
  });
  try {
    await pool.query(
      'drop schema public cascade; drop schema if exists pgboss cascade; create schema public',
    );
    await runner({
      databaseUrl: database.url,
      dir,
      direction: 'up',
      migrationsTable,
      count: 7,
      log: () => {},
    });
    await pool.query(before);
    expect((await migrate(database.url))[0]).toBe('0008_folds');

    const reader = createBooksReader(pool);
    const books = async () => {
      const { received, stored, rows, waiting } = await reader.read(await reader.acknowledged(), new Map());
      return { received, stored, rows, waiting };
    };
    expect(await books()).toEqual({ received: 21, stored: 20, rows: 20, waiting: 0 });
    const [debt, ...others] = await createViewDebts(pool).olderThan(0, 10);
    expect([debt!.hours, debt!.to - debt!.from, others]).toEqual([null, 3 * grains.hour, []]);
    await checkDays(pool);
    expect(await books()).toEqual({ received: 21, stored: 20, rows: 20, waiting: 0 });

    const ledger = createLedger({ pool, now: Date.now });
    await ledger.commit([
      aBatch([3, 4, 0].map((ago) => anEvent({ occurredAt: Date.now() - ago * grains.day }))),
    ]);
    expect(await books()).toEqual({ received: 24, stored: 20, rows: 20, waiting: 3 });
    const { debtId } = await createFolds(pool).fold(everything(8));
    await createFolds(pool).enter(10, [debtId!]);
    expect(await books()).toEqual({ received: 24, stored: 23, rows: 23, waiting: 0 });
  } finally {
    await pool.end();
    await database.drop();
  }
});
