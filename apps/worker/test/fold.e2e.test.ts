import { createLedger, createPool, type Pool } from '@event-tracker/storage';
import { createTestDatabase, runProgram, type TestDatabase } from '@event-tracker/testing';
import { afterAll, beforeAll, beforeEach, expect, test } from '@jest/globals';
import { aBatch } from './support/test-system.ts';

let database: TestDatabase;
let pool: Pool;

beforeAll(async () => {
  database = await createTestDatabase();
  pool = createPool({
    url: database.url,
    applicationName: 'fold-test',
    max: 2,
    connectTimeoutMs: 5000,
    queryTimeoutMs: 15_000,
    onError: () => {},
  });
});
beforeEach(async () => {
  await pool.query('truncate event, batch, producer, pending_change, pending_entry, statistic, dead_letter');
});
afterAll(async () => {
  await pool.end();
  await database.drop();
});

/** `npm run fold`; it asks no Redis for anything. */
const fold = () =>
  runProgram('apps/worker/src/fold.ts', { DATABASE_URL: database.url, REDIS_URL: 'redis://127.0.0.1:1' });

async function commit(batches: number): Promise<void> {
  const ledger = createLedger({ pool, now: Date.now });
  for (let one = 0; one < batches; one += 1) await ledger.commit([aBatch(10)]);
}

async function figures() {
  const { rows } = await pool.query<Record<'changes' | 'entries' | 'counted' | 'stored' | 'dead', number>>(`
    select
      (select count(*)::int from pending_change) as changes,
      (select count(*)::int from pending_entry) as entries,
      (select coalesce(sum(count), 0)::int from statistic) as counted,
      (select coalesce(sum(stored), 0)::int from producer) as stored,
      (select count(*)::int from dead_letter) as dead`);
  return rows[0]!;
}

test('`npm run fold` adds up all that waits, and leaves the days to be counted by the release before folds', async () => {
  await pool.query("insert into event_day (day, rows) values ('2020-01-01', 7)");
  await commit(30);
  expect(await figures()).toMatchObject({ entries: 30, counted: 0, stored: 0 });

  const { code, output, errors } = await fold();
  expect([code, errors]).toEqual([0, '']);
  expect(output).toMatch(/^Nothing waits to be added up any more; \d+ changes were\.$/m);
  expect(await figures()).toEqual({ changes: 0, entries: 0, counted: 300, stored: 300, dead: 0 });
  const { rows } = await pool.query('select rows from event_day');
  expect(rows).toEqual([{ rows: null }]);
});

test('it ends with an error when a newer release has appended what it does not know, after it has added up the rest', async () => {
  await commit(1);
  await pool.query('update pending_change set version = 32000');
  await commit(3);

  const { code, errors } = await fold();
  expect(code).toBe(1);
  expect(errors).toMatch(/^Not everything could be added up: \d+ rows were appended by a newer release/);
  const { changes, counted } = await figures();
  expect([changes > 0, counted]).toEqual([true, 30]);
});

test('a change that can not be added up goes to the dead letters, and keeps nothing else back', async () => {
  await commit(2);
  const { rows } = await pool.query<{ id: number }>('select min(change_id) as id from pending_change');
  await pool.query('update pending_change set count_components = array[7] where change_id = $1', [
    rows[0]!.id,
  ]);
  await pool.query(`
    create function refuse() returns trigger language plpgsql as $$
    begin raise exception 'poison' using errcode = '22000'; end $$;
    create trigger refuse before insert on statistic for each row when (new.component_id = 7) execute function refuse()`);

  const { code, output, errors } = await fold();
  await pool.query('drop function refuse cascade');
  expect([code, errors]).toEqual([
    0,
    'A change could not be added up, and is among the dead letters: poison\n',
  ]);
  expect(output).toContain('Nothing waits to be added up any more');
  expect(await figures()).toEqual({ changes: 0, entries: 0, counted: 10, stored: 20, dead: 1 });
});

test('it ends with an error that names what is wrong where PostgreSQL is away', async () => {
  const { code, errors } = await runProgram('apps/worker/src/fold.ts', {
    DATABASE_URL: 'postgresql://127.0.0.1:1/none',
    REDIS_URL: 'redis://127.0.0.1:1',
  });
  expect([code, errors]).toEqual([
    1,
    expect.stringMatching(/^Not everything could be added up: .*ECONNREFUSED/),
  ]);
});
