import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, readdirSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { copyCluster, createTestFolder, quickestParent, until } from '@event-tracker/testing';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from '@jest/globals';
import { Redis } from 'ioredis';
import pg from 'pg';
import { commandLine } from '../setup/shared.mjs';
import { type Store, type StoreOptions, startPostgres, startRedis, startViewsRedis } from '../src/index.ts';

const settings = { fsync: 'off' };
const made = createTestFolder(quickestParent());

const kinds = {
  postgres: {
    name: 'PostgreSQL',
    launch(options: StoreOptions) {
      if (!existsSync(options.dataDir)) copyCluster(made.path, options.dataDir);
      return startPostgres({ settings, ...options });
    },
  },
  redis: { name: 'Redis', launch: startRedis },
  viewsRedis: { name: 'Redis (views)', launch: startViewsRedis },
};

let folder: ReturnType<typeof createTestFolder>;
let dataDir: string;
let running: Store[];

// To make a cluster takes five times as long as everything else in a test together.
beforeAll(async () => {
  const first = await startPostgres({ dataDir: made.path, settings });
  await first.stop();
});
afterAll(() => made.remove());

beforeEach(() => {
  folder = createTestFolder(quickestParent());
  dataDir = join(folder.path, 'store');
  running = [];
});

afterEach(async () => {
  for (const store of running) await store.stop().catch(() => {});
  folder.remove();
});

async function noted(starting: Promise<Store>): Promise<Store> {
  const store = await starting;
  running.push(store);
  return store;
}

async function listener(port = 0) {
  const server = createServer().listen(port, '127.0.0.1');
  await once(server, 'listening');
  return { port: (server.address() as { port: number }).port, close: () => void server.close() };
}

describe.each(Object.entries(kinds))('%s', (kind, { name, launch }) => {
  test('is gone after stop, and comes back on the same port and password', async () => {
    const first = await noted(launch({ dataDir }));
    await first.stop();
    expect(commandLine(first.pid)).toBeUndefined();
    const second = await noted(launch({ dataDir }));
    expect(second.url).toBe(first.url);
  });

  test('takes another port when its last one is taken', async () => {
    const first = await noted(launch({ dataDir }));
    await first.stop();
    const other = await listener(first.port);
    try {
      const second = await noted(launch({ dataDir }));
      expect(second.port).not.toBe(first.port);
    } finally {
      other.close();
    }
  });

  test('refuses a port that was asked for and is taken', async () => {
    const other = await listener();
    try {
      await expect(launch({ dataDir, port: other.port })).rejects.toThrow(
        `Port ${other.port} on 127.0.0.1 is taken`,
      );
    } finally {
      other.close();
    }
  });

  test('ends when the process that started it is killed', async () => {
    const owner = spawn(process.execPath, [
      fileURLToPath(new URL('support/store-owner.ts', import.meta.url)),
      kind,
      dataDir,
    ]);
    const [line] = (await once(owner.stdout, 'data')) as [Buffer];
    const pid = Number(line);
    expect(commandLine(pid)).toContain(folder.path);
    owner.kill('SIGKILL');
    await until(() => commandLine(pid) === undefined, { what: `the end of ${name}` });
  });

  test('one that a killed start left running is ended before another starts', async () => {
    const left = await noted(launch({ dataDir }));
    disown(left);
    const said: string[] = [];
    await noted(launch({ dataDir, say: (line) => said.push(line) }));
    expect(said).toEqual([`Ending ${name} (process ${left.pid}), which an earlier start left behind.`]);
    expect(await left.ended).toBe('ended with code 0');
  });

  test('one whose owner lives is left alone', async () => {
    const first = await noted(launch({ dataDir }));
    await expect(launch({ dataDir })).rejects.toThrow(
      `${name} (process ${first.pid}) is in use by process ${process.pid}`,
    );
    expect(commandLine(first.pid)).toBeDefined();
  });

  test('a record of a process that is another program by now is no obstacle', async () => {
    await (await noted(launch({ dataDir }))).stop();
    writeFileSync(join(dataDir, 'process.json'), JSON.stringify({ pid: process.pid, owner: process.ppid }));
    await noted(launch({ dataDir }));
  });

  test('starts again after it was killed', async () => {
    const first = await noted(launch({ dataDir }));
    first.signal('SIGKILL');
    expect(await first.ended).toBe('was ended by SIGKILL');
    const second = await noted(launch({ dataDir }));
    expect(second.pid).not.toBe(first.pid);
  });
});

/** As if the process that started it had been killed. */
function disown(store: Store): void {
  const file = join(dataDir, 'process.json');
  const record = JSON.parse(readFileSync(file, 'utf8'));
  expect(record.pid).toBe(store.pid);
  // No process has an id that high.
  writeFileSync(file, JSON.stringify({ ...record, owner: 2 ** 31 - 2 }));
}

test('PostgreSQL starts although its own pid file names a live process of somebody else', async () => {
  const { launch } = kinds.postgres;
  await (await noted(launch({ dataDir }))).stop();
  writeFileSync(join(dataDir, 'cluster', 'postmaster.pid'), `${process.pid}\n${dataDir}/cluster\n`, {
    mode: 0o644,
  });
  await noted(launch({ dataDir }));
});

test('PostgreSQL makes its cluster anew when that was interrupted', async () => {
  const { launch } = kinds.postgres;
  await (await noted(launch({ dataDir }))).stop();
  rmSync(join(dataDir, 'cluster', 'global'), { recursive: true });
  // What an interrupted initdb leaves: half a cluster, at the place where it is made.
  renameSync(join(dataDir, 'cluster'), join(dataDir, 'cluster.partial'));
  await noted(launch({ dataDir }));
});

test('the database is UTF-8, sorts by code point and keeps UTC', async () => {
  const { url } = await noted(kinds.postgres.launch({ dataDir }));
  const client = new pg.Client(url);
  await client.connect();
  try {
    const { rows } = await client.query(`
      select current_setting('server_encoding') as encoding, current_setting('timezone') as zone, lower('Ä') as lower,
             (select string_agg(word, ' ' order by word) from unnest(array['é', 'a', 'Z', '고']) as word) as words`);
    expect(rows).toEqual([{ encoding: 'UTF8', zone: 'UTC', lower: 'ä', words: 'Z a é 고' }]);
  } finally {
    await client.end();
  }
});

test('nobody gets into PostgreSQL without its password', async () => {
  const { port } = await noted(kinds.postgres.launch({ dataDir }));
  const client = new pg.Client(`postgres://postgres:wrong@127.0.0.1:${port}/event_tracker`);
  await expect(client.connect()).rejects.toThrow('password authentication failed');
});

test('Redis syncs before it answers, never evicts, and asks for its password', async () => {
  const { url, port } = await noted(startRedis({ dataDir }));
  const redis = new Redis(url);
  const stranger = new Redis({ port, host: '127.0.0.1' }).on('error', () => {});
  try {
    const settings = await redis.config(
      'GET',
      'appendonly',
      'appendfsync',
      'maxmemory-policy',
      'save',
      'bind',
    );
    expect(settings).toEqual(
      expect.arrayContaining([
        'appendonly',
        'yes',
        'appendfsync',
        'always',
        'maxmemory-policy',
        'noeviction',
        'bind',
        '127.0.0.1',
      ]),
    );
    await expect(stranger.get('key')).rejects.toThrow('NOAUTH');
  } finally {
    redis.disconnect();
    stranger.disconnect();
  }
});

test("the views' Redis keeps nothing, never evicts, and asks for its password", async () => {
  const { url, port } = await noted(startViewsRedis({ dataDir }));
  const redis = new Redis(url);
  const stranger = new Redis({ port, host: '127.0.0.1' }).on('error', () => {});
  try {
    expect(await redis.config('GET', 'appendonly', 'save', 'maxmemory-policy')).toEqual(
      expect.arrayContaining(['appendonly', 'no', 'save', '', 'maxmemory-policy', 'noeviction']),
    );
    await expect(stranger.get('key')).rejects.toThrow('NOAUTH');
    await redis.set('key', 'value');
  } finally {
    redis.disconnect();
    stranger.disconnect();
  }
  await running.pop()!.stop();
  expect(readdirSync(dataDir).sort()).toEqual(['log', 'password', 'port', 'redis.conf']);
});

test('Redis has what it acknowledged after a kill', async () => {
  const first = await noted(startRedis({ dataDir }));
  const redis = new Redis(first.url);
  await redis.set('key', 'value');
  redis.disconnect();
  first.signal('SIGKILL');
  await first.ended;
  const { url } = await noted(startRedis({ dataDir }));
  const again = new Redis(url);
  try {
    expect(await again.get('key')).toBe('value');
  } finally {
    again.disconnect();
  }
});
