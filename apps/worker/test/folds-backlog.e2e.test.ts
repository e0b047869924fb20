import { createTestDatabase, startTestRedis, untilReady } from '@event-tracker/testing';
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import pg from 'pg';
import { keywordsOf, searchesFor } from './support/searches.ts';
import { eachOnce, openTestSystem, readMetric, type TestSystem } from './support/test-system.ts';

const batches = 600;
const eventsEach = 500;
const events = batches * eventsEach;
const foldMs = 300;
const rowsMax = 400;
const commitsInFlightMax = 2;
/** Every commit of a batch holds keywords of each shard, and its changes to one of them fit a row. */
const rowsOfCommit = 8;

const closers: (() => unknown)[] = [];
let system: TestSystem;
let database: pg.Client;

beforeAll(async () => {
  const [testDatabase, redis] = await Promise.all([
    createTestDatabase(),
    startTestRedis({ appendfsync: 'everysec' }),
  ]);
  closers.push(
    () => testDatabase.drop(),
    () => redis.stop(),
  );
  database = new pg.Client(testDatabase.url);
  await database.connect();
  closers.push(() => database.end());
  system = await openTestSystem({ databaseUrl: testDatabase.url, redisUrl: redis.url });
  closers.push(() => system.close());
});
afterAll(async () => {
  for (const close of closers.reverse()) await close();
});

/** Looks for as long as it takes; answers the most that waited to be added up, and what was not ready. */
async function watchUntilCounted(readyz: () => Promise<Response>) {
  let most = 0;
  const unready: unknown[] = [];
  let looks = 0;
  for (;;) {
    const { rows } = await database.query<{ waiting: number; counted: number }>(
      `select (select count(*)::int from pending_change) as waiting,
         (select coalesce(sum(count), 0)::int from statistic) as counted`,
    );
    const [{ waiting, counted }] = rows as [(typeof rows)[0]];
    most = Math.max(most, waiting);
    looks += 1;
    const ready = await readyz();
    if (!ready.ok) unready.push(await ready.json());
    if (counted === events) return { most, unready, looks };
  }
}

test('of a large backlog whose folds are slow no more waits to be added up than may, and the worker stays ready', async () => {
  await database.query(`
    create function slow() returns trigger language plpgsql as $$ begin perform pg_sleep(${foldMs / 1000}); return null; end $$;
    create trigger slow before insert on statistic for each statement execute function slow();`);
  const keywords = keywordsOf(eventsEach, 'backlog');
  for (let put = 0; put < batches; put += 50)
    await Promise.all(Array.from({ length: 50 }, () => system.lane.submit(searchesFor(keywords))));

  const worker = await system.startWorker({
    COMMIT_EVENTS_MAX: `${eventsEach}`,
    COMMITS_IN_FLIGHT_MAX: `${commitsInFlightMax}`,
    FOLD_ROWS_MAX: `${rowsMax}`,
    FOLD_CHANGES_MAX: '2000',
  });
  await untilReady(worker);
  const { most, unready, looks } = await watchUntilCounted(() => fetch(`${worker.url}/readyz`));

  expect(looks).toBeGreaterThan(20);
  expect(unready).toEqual([]);
  // Beyond the bound: what was in the middle of its commit when it was reached.
  expect(most).toBeLessThanOrEqual(rowsMax + commitsInFlightMax * rowsOfCommit);
  // It was reached, and did not keep the commits back for longer than it had to.
  expect(most).toBeGreaterThan(rowsMax / 2);
  expect(worker.output()).toContain('no batches are taken until it is less');
  expect(await readMetric(worker, 'folds_total', '{outcome="failed"}')).toBe(0);
  expect(await system.outcomeAtRest()).toEqual(eachOnce(events));
  expect(await system.deadLetters()).toBe(0);
}, 240_000);
