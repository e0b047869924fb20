import { execFile } from 'node:child_process';
import { createPool, type Pool, UnfitPooler } from '@event-tracker/storage';
import {
  createTestDatabase,
  poll,
  startApi,
  startTestPgBouncer,
  startTestRedis,
  startWorker,
  type TestDatabase,
  type TestPgBouncer,
  type TestStore,
  until,
  untilReady,
} from '@event-tracker/testing';
import { afterAll, afterEach, beforeAll, expect, test } from '@jest/globals';
import { Redis } from 'ioredis';
import pg from 'pg';
import { untilAtRest, wrongAtRest } from './at-rest.ts';

let database: TestDatabase;
let redis: TestStore;
const closers: (() => unknown)[] = [];

beforeAll(async () => {
  [database, redis] = await Promise.all([createTestDatabase(), startTestRedis({ appendfsync: 'everysec' })]);
});
afterEach(async () => {
  for (const close of closers.splice(0).reverse()) await close();
});
afterAll(async () => {
  await redis.stop();
  await database.drop();
});

async function bouncer(settings: Record<string, string | number>): Promise<TestPgBouncer> {
  const started = await startTestPgBouncer(database.url, settings);
  closers.push(started.stop);
  return started;
}

const processEnv = (url: string) => ({
  DATABASE_URL: url,
  REDIS_URL: redis.url,
  PORT: '0',
  WORKER_PORT: '0',
});

function openPool(url: string, max = 4): Pool {
  const pool = createPool({
    url,
    applicationName: 'pooler-test',
    max,
    connectTimeoutMs: 5000,
    queryTimeoutMs: 15_000,
    onError: () => {},
  });
  closers.push(() => pool.end());
  return pool;
}

/** What a command of the repository said before it ended, and with which code. */
function run(script: string, url: string): Promise<{ code: unknown; said: string }> {
  return new Promise((resolve) => {
    const env = { PATH: process.env.PATH, ...processEnv(url) };
    execFile(process.execPath, [script], { env }, (failure, out, errors) => {
      resolve({ code: failure ? failure.code : 0, said: out + errors });
    });
  });
}

async function send(api: string, path: string, body: unknown): Promise<Response> {
  return await fetch(`${api}${path}`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify(body),
  });
}

test('behind PgBouncer in session mode everything works, with its own settings as they come', async () => {
  const { url } = await bouncer({ pool_mode: 'session', default_pool_size: 30 });
  expect(await run('apps/worker/src/migrate.ts', url)).toMatchObject({ code: 0 });
  const [api, worker] = await Promise.all([startApi(processEnv(url)), startWorker(processEnv(url))]);
  closers.push(api.stop, worker.stop);
  await Promise.all([untilReady(api), untilReady(worker)]);

  const posted = await send(api.url, '/api/posts', { userId: 1, content: 'a post' });
  expect(posted.status).toBe(201);
  const { postId } = (await posted.json()) as { postId: number };
  const clicks = 200;
  for (let click = 0; click < clicks; click += 1) {
    const event = { eventType: 'CLICK', sessionId: `s${click}`, metadata: { componentId: 1002 } };
    expect((await send(api.url, '/api/events', event)).status).toBe(202);
  }
  // Its event is on the durable lane: the worker hears of it by a notification.
  expect((await send(api.url, '/api/posts/like', { userId: 1, postId })).status).toBe(200);

  const direct = new pg.Client(database.url);
  const views = new Redis<'legacy'>(redis.url);
  await direct.connect();
  closers.push(
    () => direct.end(),
    () => views.disconnect(),
  );
  const ledger = await untilAtRest({
    urls: () => [api.url],
    database: direct,
    redis: views,
    limitMs: 60_000,
  });
  const since = Date.now() - 3_600_000;
  expect(
    await wrongAtRest({ ledger, acknowledged: clicks + 1, database: direct, redis: views, since }),
  ).toEqual([]);
  expect(await run('apps/worker/src/rebuild.ts', url)).toMatchObject({ code: 0 });

  const { rows } = await direct.query<{ listens: boolean }>(
    `select exists (select from pg_stat_activity where query ilike 'listen%' and datname = current_database()) as listens`,
  );
  expect(rows[0]!.listens).toBe(true);
});

test.each(['transaction', 'statement'])(
  'behind PgBouncer in %s mode every process refuses to start, and says what to do',
  async (pool_mode) => {
    const { url } = await bouncer({ pool_mode });
    for (const script of [
      'api/src/main.ts',
      'worker/src/main.ts',
      'worker/src/migrate.ts',
      'worker/src/rebuild.ts',
    ])
      expect([script, await run(`apps/${script}`, url)]).toEqual([
        script,
        { code: 1, said: expect.stringContaining('`pool_mode = session`') },
      ]);
  },
);

test('a pooler of transactions is found out while others use it', async () => {
  const { url } = await bouncer({ pool_mode: 'transaction', default_pool_size: 5 });
  let ended = false;
  const others = Array.from({ length: 8 }, async () => {
    const client = new pg.Client(url);
    await client.connect();
    while (!ended) await client.query('select pg_sleep(random() * 0.002)');
    await client.end();
  });
  try {
    for (let time = 0; time < 20; time += 1)
      await expect(openPool(url, 1).query('select')).rejects.toThrow(UnfitPooler);
  } finally {
    ended = true;
    await Promise.all(others);
  }
});

test('a pooler that leaves a session as the last client left it is refused', async () => {
  const { url } = await bouncer({ pool_mode: 'session', server_reset_query: '' });
  const first = new pg.Client(url);
  await first.connect();
  await first.query({ name: 'left', text: 'select 1' });
  await first.end();
  await expect(openPool(url).query('select')).rejects.toThrow('server_reset_query = DISCARD ALL');
});

test('a mode that is changed while processes run takes PostgreSQL away from them, with the reason, until it is changed back', async () => {
  const proxy = await bouncer({ pool_mode: 'session', default_pool_size: 30, server_idle_timeout: 1 });
  const api = await startApi(processEnv(proxy.url));
  closers.push(api.stop);
  await untilReady(api);
  await proxy.reload({ pool_mode: 'transaction' });

  const reasons = async () =>
    ((await (await fetch(`${api.url}/readyz`)).json()) as { reasons: string[] }).reasons.join();
  await until(async () => (await reasons()).includes('`pool_mode = session`'), { limitMs: 120_000 });
  await proxy.reload({ pool_mode: 'session' });
  await poll(async () => ((await reasons()).includes('pool_mode') ? undefined : true));
});
