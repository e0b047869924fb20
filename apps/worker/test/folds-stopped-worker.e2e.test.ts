import { createTestDatabase, startTestRedis, until, untilReady } from '@event-tracker/testing';
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import pg from 'pg';
import { searchesFor } from './support/searches.ts';
import { eachOnce, openTestSystem, type TestSystem } from './support/test-system.ts';

/** So long that the counts of a fold fill every buffer between PostgreSQL and a worker that does not read. */
const keywordLength = 200;
const batches = 16;
const eventsEach = 500;

const closers: (() => unknown)[] = [];
let system: TestSystem;
let pool: pg.Pool;

beforeAll(async () => {
  const [database, redis] = await Promise.all([
    createTestDatabase(),
    startTestRedis({ appendfsync: 'everysec' }),
  ]);
  closers.push(
    () => database.drop(),
    () => redis.stop(),
  );
  pool = new pg.Pool({ connectionString: database.url, max: 2 });
  closers.push(() => pool.end());
  system = await openTestSystem({ databaseUrl: database.url, redisUrl: redis.url });
  closers.push(() => system.close());
});
afterAll(async () => {
  for (const close of closers.reverse()) await close();
});

/** Whether a fold that began after this moment, by the clock of PostgreSQL, waits for such a thing. */
async function isFoldWaiting(since: string, waitEvent: string): Promise<boolean> {
  const { rowCount } = await pool.query(
    `select from pg_stat_activity
     where datname = current_database() and state = 'active' and query like '%fold($1%'
       and query_start > $1::timestamptz and $2 in (wait_event, wait_event_type)`,
    [since, waitEvent],
  );
  return rowCount! > 0;
}

test('a worker that is stopped while it reads what it has folded holds its shards for seconds, and counts nothing twice', async () => {
  const doomed = await system.startWorker({ FOLD_CHANGES_MAX: '100000' });
  await untilReady(doomed);
  const release = await system.lock('statistic');
  const keywords = (batch: number) =>
    Array.from({ length: eventsEach }, (_, at) => `${batch} ${at} `.padEnd(keywordLength, '한'));
  await Promise.all(
    Array.from({ length: batches }, (_, batch) => system.lane.submit(searchesFor(keywords(batch)))),
  );
  await until(async () => (await system.outcome()).rows === batches * eventsEach);
  // One that has taken all of it.
  const { rows } = await pool.query<{ now: string }>('select clock_timestamp()::text as now');
  const { now } = rows[0]!;
  await until(() => isFoldWaiting(now, 'Lock'), { everyMs: 5, what: 'a fold that waits for the lock' });
  doomed.signal('SIGSTOP');
  await release();
  await until(() => isFoldWaiting(now, 'ClientWrite'), { what: 'a fold whose worker does not read' });
  expect((await system.outcome()).waiting).toBeGreaterThan(0);

  const other = await system.startWorker({ FOLD_AGE_MAX_MS: '2000' });
  await untilReady(other);
  expect(await system.outcomeAtRest()).toEqual(eachOnce(batches * eventsEach));
  expect(other.output()).toContain('folds of processes that have stopped were ended');

  // It finds its session ended, and has nothing left to do.
  doomed.signal('SIGCONT');
  await untilReady(doomed);
  await system.putOnLane(1, 10);
  expect(await system.outcomeAtRest()).toEqual(eachOnce(batches * eventsEach + 10));
}, 150_000);
