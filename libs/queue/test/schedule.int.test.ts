import { createTestDatabase, type TestDatabase, until } from '@event-tracker/testing';
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import pg from 'pg';
import { type ScheduleOptions, startSchedule } from '../src/index.ts';

let database: TestDatabase;
let pool: pg.Pool;

beforeAll(async () => {
  database = await createTestDatabase();
  pool = new pg.Pool({ connectionString: database.url, max: 10 });
});
afterAll(async () => {
  await pool.end();
  await database.drop();
});

function takePart(
  chores: Record<string, () => Promise<void>>,
  onError: ScheduleOptions['onError'] = () => {},
) {
  return startSchedule({
    pool,
    queryTimeoutMs: 5000,
    chores: Object.entries(chores).map(([name, work]) => ({ name, cron: '0 3 * * *', work })),
    onError,
  });
}

const states = async () =>
  (await pool.query(`select state, count(*)::int from pgboss.job where name = 'maintenance' group by state`))
    .rows;

test('every process sees to it that each chore is done at its start and by the clock, which has one entry a chore', async () => {
  let done = 0;
  let failed = 0;
  const errors: unknown[] = [];
  const chores = {
    'one-that-works': async () => {
      done += 1;
    },
    'one-that-fails': async () => {
      failed += 1;
      throw new Error('cannot be done');
    },
  };
  const schedules = [1, 2, 3].map(() => takePart(chores, (_cause, chore) => errors.push(chore)));
  await until(async () => done === 3 && failed === 3, { limitMs: 20_000 });
  await until(async () => (await states()).every(({ state }) => state === 'completed' || state === 'failed'));
  expect(errors).toEqual(['one-that-fails', 'one-that-fails', 'one-that-fails']);
  const { rows } = await pool.query('select name, key, cron, data from pgboss.schedule order by key');
  expect(rows).toEqual([
    { name: 'maintenance', key: 'one-that-fails', cron: '0 3 * * *', data: { chore: 'one-that-fails' } },
    { name: 'maintenance', key: 'one-that-works', cron: '0 3 * * *', data: { chore: 'one-that-works' } },
  ]);
  await Promise.all(schedules.map((schedule) => schedule.close()));
});

test('closing waits for the chore that is being done, and takes no other', async () => {
  const { promise, resolve } = Promise.withResolvers<void>();
  let begun = 0;
  const slow = async () => {
    begun += 1;
    await promise;
  };
  const schedule = takePart({ slow, 'slow-too': slow });
  await until(async () => begun === 1, { limitMs: 10_000 });
  let closed = false;
  const closing = schedule.close().then(() => (closed = true));
  await pool.query('select pg_sleep(0.2)');
  expect(closed).toBe(false);
  resolve();
  await closing;
  expect(begun).toBe(1);
});
