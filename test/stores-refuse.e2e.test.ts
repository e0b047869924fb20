import { readdirSync, symlinkSync } from 'node:fs';
import { join } from 'node:path';
import {
  startApi,
  startTestPostgres,
  startTestRedis,
  startWorker,
  type TestProcess,
  type TestStore,
  until,
  untilReady,
} from '@event-tracker/testing';
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { Redis } from 'ioredis';
import pg from 'pg';
import { untilAtRest, wrongAtRest } from './at-rest.ts';

/** Stores that are there and answer, and take no writes. */
let postgres: TestStore;
let redisStore: TestStore;
let redis: Redis;
let admin: pg.Client;
let api: TestProcess;
let worker: TestProcess;
const since = Date.now() - 24 * 3_600_000;

beforeAll(async () => {
  [postgres, redisStore] = await Promise.all([
    startTestPostgres({ max_connections: 40 }),
    startTestRedis({ appendfsync: 'everysec' }),
  ]);
  redis = new Redis<'legacy'>(redisStore.url);
  admin = new pg.Client(postgres.url);
  await admin.connect();
  await admin.query('set default_transaction_read_only = off');
  const env = { DATABASE_URL: postgres.url, REDIS_URL: redisStore.url };
  // A store that refuses is what this is about, not one that is late because the machine is busy.
  const apiEnv = { ...env, DURABLE_LANE_TIMEOUT_MS: '20000' };
  [api, worker] = await Promise.all([startApi(apiEnv), startWorker(env)]);
  await Promise.all([untilReady(api), untilReady(worker)]);
});
afterAll(async () => {
  await Promise.all([api.stop(), worker.stop()]);
  redis.disconnect();
  await admin.end();
  await Promise.all([postgres.stop(), redisStore.stop()]);
});

const eventsEach = 12;
/** Nobody waits for a time-out of a store that has refused. */
const refusalLimitMs = 1000;
let sent = 0;

/** One after the other, so that each is a batch; answers how long the slowest took. */
async function sendSome(): Promise<number> {
  let slowest = 0;
  for (let one = 0; one < eventsEach; one += 1) {
    const began = performance.now();
    const response = await fetch(`${api.url}/api/events`, {
      method: 'POST',
      body: JSON.stringify({ eventType: 'CLICK', sessionId: `s${sent}`, metadata: { componentId: 1002 } }),
      headers: { 'content-type': 'application/json' },
    });
    expect([response.status, await response.text()]).toEqual([202, expect.stringContaining('eventId')]);
    sent += 1;
    slowest = Math.max(slowest, performance.now() - began);
  }
  return slowest;
}

const stored = async () =>
  (await admin.query<{ count: number }>('select count(*)::int as count from event')).rows[0]!.count;

async function expectCaughtUp(): Promise<void> {
  const ledger = await untilAtRest({ urls: () => [api.url], database: admin, redis, limitMs: 90_000 });
  expect(await wrongAtRest({ ledger, acknowledged: sent, database: admin, redis, since })).toEqual([]);
  const { rows } = await admin.query<{ sessions: number }>(
    'select count(distinct session_id)::int as sessions from event',
  );
  expect([await stored(), rows[0]!.sessions]).toEqual([sent, sent]);
}

interface Trouble {
  /** What the process that meets it must have logged, so that it did meet it. */
  logged: string;
  begin(): Promise<unknown>;
  end(): Promise<unknown>;
}

/** The append-only file that Redis opens next is a full disk: every write to /dev/full fails with ENOSPC. */
async function fillDisk(): Promise<void> {
  const [, folder] = (await redis.config('GET', 'dir')) as [string, string];
  const files = join(folder, 'appendonlydir');
  const numbers = readdirSync(files).map((name) => Number(/\.(\d+)\.incr\.aof$/.exec(name)?.[1] ?? 0));
  symlinkSync('/dev/full', join(files, `appendonly.aof.${Math.max(...numbers) + 1}.incr.aof`));
  await redis.bgrewriteaof();
  await until(() =>
    redis.set('probe', 1).then(
      () => false,
      (cause: Error) => /MISCONF/.test(cause.message),
    ),
  );
}

const redisTroubles: Record<string, Trouble> = {
  'is out of memory': {
    logged: 'OOM command not allowed',
    begin: () => redis.config('SET', 'maxmemory', '1mb'),
    end: () => redis.config('SET', 'maxmemory', '0'),
  },
  'can not write its append-only file': {
    logged: 'MISCONF Errors writing to the AOF file: No space left on device',
    begin: fillDisk,
    async end() {
      const rewritten = async () => /aof_rewrite_in_progress:0/.test(await redis.info('persistence'));
      await until(rewritten);
      await redis.bgrewriteaof();
      await until(() => redis.set('probe', 1).then(() => true));
      await until(rewritten);
    },
  },
};

test.each(Object.entries(redisTroubles))(
  'while Redis %s events are taken, and are stored; what waited in it is stored once after',
  async (_, { logged, begin, end }) => {
    const before = sent;
    await begin();
    try {
      // The first finds out; the durable lane is tried with what is left of its time.
      expect(await sendSome()).toBeLessThan(refusalLimitMs);
      await until(async () => (await stored()) === before + eventsEach);
      expect(api.output()).toContain(logged);
    } finally {
      await end();
    }
    await expectCaughtUp();
    await until(
      async () =>
        ((await (await fetch(`${api.url}/readyz`)).json()) as { status: string }).status === 'ready',
    );
  },
);

let blockers: pg.Client[] = [];

async function takeConnections(): Promise<void> {
  for (;;) {
    await admin.query(
      "select pg_terminate_backend(pid) from pg_stat_activity where application_name like 'event-tracker%'",
    );
    while (await takeConnection());
    const { rows } = await admin.query(
      "select from pg_stat_activity where application_name like 'event-tracker%'",
    );
    // One that ended since its place was sought has left it free.
    if (rows.length === 0 && !(await takeConnection())) return;
  }
}

async function takeConnection(): Promise<boolean> {
  const client = new pg.Client(postgres.url);
  client.on('error', () => {});
  const taken = await client.connect().then(
    () => true,
    () => false,
  );
  if (taken) blockers.push(client);
  return taken;
}

const setReadOnly = async (value: 'on' | 'off') => {
  await admin.query(`alter system set default_transaction_read_only = ${value}`);
  await admin.query('select pg_reload_conf()');
};

const postgresTroubles: Record<string, Trouble> = {
  // Raised by a trigger: a disk that is really full takes a file system of its own.
  'is out of disk (53100)': {
    logged: '53100',
    begin: () =>
      admin.query(`
        create function disk_full() returns trigger language plpgsql as $$ begin
          raise exception 'could not extend file: No space left on device' using errcode = '53100';
        end $$;
        create trigger disk_full before insert on event for each statement execute function disk_full();`),
    end: () => admin.query('drop trigger disk_full on event; drop function disk_full'),
  },
  'has no connection left (53300)': {
    logged: '53300',
    begin: takeConnections,
    async end() {
      await Promise.all(blockers.map((client) => client.end()));
      blockers = [];
    },
  },
  'is read-only (25006)': {
    logged: '25006',
    begin: () => setReadOnly('on'),
    end: () => setReadOnly('off'),
  },
};

test.each(Object.entries(postgresTroubles))(
  'while PostgreSQL %s events are taken and wait, without using a try up; they are stored once after',
  async (_, { logged, begin, end }) => {
    const before = await stored();
    await begin();
    try {
      expect(await sendSome()).toBeLessThan(refusalLimitMs);
      await until(() => worker.output().includes(logged));
      expect(await stored()).toBe(before);
      const gaveUp = await Promise.all(
        ['delayed', 'failed'].map((state) => redis.zcard(`{lane}:events:${state}`)),
      );
      expect(gaveUp).toEqual([0, 0]);
    } finally {
      await end();
    }
    await expectCaughtUp();
  },
);
