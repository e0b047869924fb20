import {
  asAdmin,
  createTestDatabase,
  startApi,
  startTestRedis,
  type TestProcess,
  until,
  untilReady,
} from '@event-tracker/testing';
import { afterAll, beforeAll, beforeEach, expect, test } from '@jest/globals';
import pg from 'pg';
import { countsOf, keywordsOf, searchesFor, shardOfKeyword } from './support/searches.ts';
import { openTestSystem, readMetric, type TestSystem } from './support/test-system.ts';

const statementLimitMs = 3000;

const closers: (() => unknown)[] = [];
let system: TestSystem;
let pool: pg.Pool;
let api: TestProcess;
let worker: TestProcess;

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
  worker = await system.startWorker({ DATABASE_TIMEOUT_MS: `${statementLimitMs}` });
  api = await startApi(system.env);
  closers.push(() => api.stop());
  await Promise.all([untilReady(worker), untilReady(api)]);
});
beforeEach(async () => {
  await pool.query('truncate dead_letter');
});
afterAll(async () => {
  for (const close of closers.reverse()) await close();
});

/** What `body` does befalls each row of `statistic` of the keyword, until the answer is called. */
async function trouble(keyword: string, body: string): Promise<() => Promise<unknown>> {
  await pool.query(`
    create function trouble() returns trigger language plpgsql as $$ begin ${body}; return new; end $$;
    create trigger trouble before insert on statistic for each row when (new.keyword = '${keyword}')
      execute function trouble();`);
  return () => pool.query('drop trigger trouble on statistic; drop function trouble');
}

async function asAdminOf<T>(path: string, body?: object): Promise<T> {
  const response = await fetch(`${api.url}${path}`, {
    headers: { ...asAdmin, 'content-type': 'application/json' },
    ...(body && { method: 'POST', body: JSON.stringify(body) }),
  });
  expect(response.status).toBe(200);
  return (await response.json()) as T;
}

const deadChanges = async () =>
  (await pool.query("select code, reason from dead_letter where kind = 'change' and replayed_at is null"))
    .rows;

/** Of the last day, by what the API answers. */
async function shown(keyword: string): Promise<number> {
  const query = new URLSearchParams({ eventType: 'SEARCH', keyword, window: '24h' });
  return (await asAdminOf<{ count: number }>(`/api/statistics?${query}`)).count;
}

test.each([
  ['22003', "raise exception 'too large for a count' using errcode = '22003'", 'too large for a count'],
  ['P0001', "raise exception 'a rule of the site'", 'a rule of the site'],
  ['57014', 'perform pg_sleep(20)', 'statement timeout'],
])(
  'a change that fails with %s harms neither its shard nor its neighbours: it is set aside, and a replay adds it up',
  async (code, body, reason) => {
    // The API asks in lower case.
    const poison = `poison ${code.toLowerCase()}`;
    const before = await system.outcome();
    const deadBefore = await readMetric(worker, 'dead_changes_total');
    const failedBefore = await readMetric(worker, 'folds_total', '{outcome="failed"}');
    const mend = await trouble(poison, body);
    const beside = keywordsOf(64, `beside ${code}`);
    const inItsShard = keywordsOf(16, `its shard ${code}`, (shard) => shard === shardOfKeyword(poison));
    const inOthers = keywordsOf(16, `others ${code}`, (shard) => shard !== shardOfKeyword(poison));
    let mended = false;
    try {
      // In one commit, and so in one row of its shard, with changes that are sound.
      await system.lane.submit(searchesFor([...beside, poison, ...inItsShard, poison]));
      await until(async () => (await readMetric(worker, 'folds_total', '{outcome="failed"}')) > failedBefore);
      // What comes meanwhile.
      await system.lane.submit(searchesFor([...inOthers, ...inItsShard]));
      await until(async () => (await countsOf(pool, inOthers)).every((count) => count === 1));
      // It takes a time-out each to find out that it is too slow: its neighbours have not waited for that.
      if (code === '57014') expect(await deadChanges()).toEqual([]);
      await until(async () => (await countsOf(pool, beside)).every((count) => count === 1));
      await until(async () => (await countsOf(pool, inItsShard)).every((count) => count === 2), {
        what: 'the count of what lies in its shard',
      });
      expect(await deadChanges()).toEqual([{ code, reason: expect.stringContaining(reason) }]);
      expect(await readMetric(worker, 'dead_changes_total')).toBe(deadBefore + 1);
      expect(worker.output()).toContain('a change could not be added up, and is among the dead letters');

      // Its events are stored, and in the books.
      const events = 64 + 16 + 2 + 32;
      const stored = before.stored + events;
      expect(await system.outcomeAtRest()).toEqual({
        received: stored,
        stored,
        rows: stored,
        counted: before.counted + events - 2,
        waiting: 0,
        debts: 0,
      });
      expect(await asAdminOf('/admin/ledger')).toMatchObject({
        balanced: true,
        inFlight: 0,
        dead: 0,
        missing: 0,
      });
      expect(await countsOf(pool, [poison])).toEqual([0]);

      await mend();
      mended = true;
      expect(await asAdminOf('/admin/dead-letters/replay', { filter: { reason: code } })).toMatchObject({
        replayed: 1,
      });
      await until(async () => (await shown(poison)) === 2, { what: 'the count of what was replayed' });
      expect(await countsOf(pool, [poison])).toEqual([2]);
      expect(await deadChanges()).toEqual([]);
      expect(await system.outcomeAtRest()).toMatchObject({ stored, counted: before.counted + events });
      expect(await asAdminOf('/admin/ledger')).toMatchObject({ balanced: true, inFlight: 0 });
    } finally {
      if (!mended) await mend();
    }
  },
  150_000,
);

test('a row that can not be read harms nobody else: it is set aside, and its events stay stored', async () => {
  const before = await system.outcome();
  const [keyword] = keywordsOf(1, 'unreadable');
  // As a bug of a writer would leave it: arrays of different lengths, so that a count has no minute.
  await pool.query(
    `insert into pending_change
       (size, shard, version, count_minutes, count_types, count_subjects, count_components, count_keywords, count_posts,
        count_values)
     values (1, $1, 1, '{}', '{SEARCH}', $2, '{1001}', $2, '{null}', '{1}')`,
    [shardOfKeyword(keyword!), [keyword]],
  );
  const beside = keywordsOf(16, 'beside unreadable');
  await system.lane.submit(searchesFor(beside));
  await until(async () => (await countsOf(pool, beside)).every((count) => count === 1));
  await until(async () => (await deadChanges()).length === 1);
  expect(await system.outcomeAtRest()).toMatchObject({
    stored: before.stored + 16,
    counted: before.counted + 16,
  });
});
