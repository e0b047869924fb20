import { type AddressInfo, connect as connectTo, createServer, type Server, type Socket } from 'node:net';
import { createTestDatabase, type TestDatabase } from '@event-tracker/testing';
import { afterAll, afterEach, beforeAll, expect, test } from '@jest/globals';
import pg from 'pg';
import { classifyFailure, createPool, type Pool } from '../src/index.ts';

let database: TestDatabase;
let admin: pg.Client;
const pools: Pool[] = [];

beforeAll(async () => {
  database = await createTestDatabase();
  admin = new pg.Client(database.url);
  await admin.connect();
});
afterEach(() => Promise.all(pools.splice(0).map((pool) => pool.end())));
afterAll(async () => {
  await admin.query('drop role if exists careless');
  await admin.end();
  await database.drop();
});

function open(url: string, { connectTimeoutMs = 5000 } = {}): Pool {
  const pool = createPool({
    url,
    applicationName: 'session-test',
    max: 2,
    connectTimeoutMs,
    queryTimeoutMs: 7000,
    onError: () => {},
  });
  pools.push(pool);
  return pool;
}

const wanted = {
  synchronous_commit: 'on',
  idle_in_transaction_session_timeout: '2s',
  tcp_user_timeout: process.platform === 'linux' ? '10000' : '0',
  lock_timeout: '5s',
  statement_timeout: '7s',
  default_transaction_isolation: 'read committed',
  search_path: 'public',
  TimeZone: 'UTC',
  DateStyle: 'ISO, MDY',
};

async function settingsOf(pool: Pool): Promise<Record<string, string>> {
  const { rows } = await pool.query<{ name: string; value: string }>(
    'select name, current_setting(name) as value from unnest($1::text[]) as name',
    [Object.keys(wanted)],
  );
  return Object.fromEntries(rows.map(({ name, value }) => [name, value]));
}

function withParameters(parameters: Record<string, string>): string {
  const url = new URL(database.url);
  for (const [name, value] of Object.entries(parameters)) url.searchParams.set(name, value);
  return url.href;
}

const careless =
  '-c synchronous_commit=off -c lock_timeout=0 -c statement_timeout=0 -c idle_in_transaction_session_timeout=0 -c search_path=pg_temp';

test.each([
  ['nothing', () => database.url],
  ['options', () => withParameters({ options: careless })],
  [
    'time-outs',
    () =>
      withParameters({
        query_timeout: '1',
        statement_timeout: '1',
        lock_timeout: '1',
        idle_in_transaction_session_timeout: '1',
      }),
  ],
])('the settings of a session hold with %s in DATABASE_URL', async (_what, url) => {
  const pool = open(url());
  expect(await settingsOf(pool)).toEqual(wanted);
  await pool.query('select pg_sleep(0.05)');
});

test('they hold for a role that has others for its defaults', async () => {
  await admin.query("create role careless login password 'careless'");
  for (const setting of [
    'synchronous_commit = off',
    'statement_timeout = 1',
    'lock_timeout = 1',
    'idle_in_transaction_session_timeout = 0',
    "default_transaction_isolation = 'serializable'",
    'search_path = nowhere',
    "timezone = 'Asia/Seoul'",
    "datestyle = 'SQL, DMY'",
  ])
    await admin.query(`alter role careless set ${setting}`);
  const url = new URL(database.url);
  url.username = 'careless';
  url.password = 'careless';
  expect(await settingsOf(open(url.href))).toEqual(wanted);
});

test('a connection is asked once, when it is made', async () => {
  const pool = open(database.url);
  const sent: string[] = [];
  const query = pg.Client.prototype.query as unknown as (...args: unknown[]) => unknown;
  pg.Client.prototype.query = function (this: pg.Client, ...args: unknown[]) {
    sent.push(String((args[0] as { text?: string }).text ?? args[0]));
    return query.apply(this, args);
  } as never;
  try {
    for (let time = 0; time < 3; time += 1) await pool.query('select 1');
  } finally {
    pg.Client.prototype.query = query as never;
  }
  expect(sent).toEqual([
    expect.stringContaining('set_config'),
    expect.stringContaining('pg_backend_pid'),
    'select 1',
    'select 1',
    'select 1',
  ]);
});

/** Like a proxy that finds the server by `options`, as Neon's does: it takes them out and passes everything else on. */
async function startEndpointProxy(target: URL): Promise<{ port: number; seen: string[]; server: Server }> {
  const seen: string[] = [];
  const server = createServer((client: Socket) => {
    client.on('error', () => {});
    client.once('data', (startup: Buffer) => {
      const fields = startup.subarray(8).toString().split('\0');
      const kept: string[] = [];
      for (let at = 0; fields[at]; at += 2) {
        if (fields[at] === 'options') seen.push(fields[at + 1]!);
        else kept.push(fields[at]!, fields[at + 1]!);
      }
      const body = Buffer.from(`${kept.join('\0')}\0\0`);
      const head = Buffer.alloc(8);
      head.writeInt32BE(8 + body.length);
      startup.copy(head, 4, 4, 8);
      const upstream = connectTo(Number(target.port), target.hostname);
      upstream.on('error', () => client.destroy());
      upstream.write(Buffer.concat([head, body]));
      client.pipe(upstream).pipe(client);
    });
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return { port: (server.address() as AddressInfo).port, seen, server };
}

test("Neon's options=endpoint%3D… goes to the proxy as it is, and the settings hold all the same", async () => {
  const target = new URL(database.url);
  const proxy = await startEndpointProxy(target);
  try {
    const url = new URL(`${database.url}?options=endpoint%3Dep-cool-1`);
    url.port = String(proxy.port);
    expect(await settingsOf(open(url.href))).toEqual(wanted);
    expect(proxy.seen).toEqual(['endpoint=ep-cool-1']);
  } finally {
    await Promise.all(pools.splice(0).map((pool) => pool.end()));
    proxy.server.close();
  }
});

test('a server that takes the connection and then says nothing is away, and nothing of the caller was too slow', async () => {
  const target = new URL(database.url);
  const proxy = await startProxyThatFallsSilent(target);
  try {
    const url = new URL(database.url);
    url.port = String(proxy.port);
    const pool = open(url.href, { connectTimeoutMs: 300 });
    const cause = await pool.query('select').catch((failed: unknown) => failed);
    expect(String(cause)).toContain('a session could not be begun: Query read timeout');
    expect(classifyFailure(cause)).toBe('away');
  } finally {
    await proxy.close();
  }
});

/** Passes the connect on, and nothing of the first statement: as a pooler does whose server is away. */
async function startProxyThatFallsSilent(target: URL): Promise<{ port: number; close(): Promise<void> }> {
  const sockets = new Set<Socket>();
  const server = createServer((client) => {
    const upstream = connectTo(Number(target.port), target.hostname);
    for (const socket of [client, upstream]) {
      sockets.add(socket);
      socket.on('error', () => {});
    }
    // A message of statements begins with P (parse); those of the connect do not, or with p alone.
    client.on('data', (data: Buffer) => data[0] !== 'P'.charCodeAt(0) && upstream.write(data));
    upstream.pipe(client);
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return {
    port: (server.address() as AddressInfo).port,
    close: () =>
      new Promise((resolve) => {
        for (const socket of sockets) socket.destroy();
        server.close(() => resolve());
      }),
  };
}

test('a connection whose statement ended without a SQLSTATE is not used again', async () => {
  const pool = open(database.url);
  const served = async () =>
    (await pool.query<{ pid: number }>('select pg_backend_pid() as pid')).rows[0]!.pid;
  const first = await served();
  const late = { text: 'select pg_sleep(1)', query_timeout: 50 } as pg.QueryConfig;
  await expect(pool.query(late)).rejects.toThrow('Query read timeout');
  expect(await served()).not.toBe(first);
});
