import { statfsSync } from 'node:fs';
import { join } from 'node:path';
import { type Store, startPostgres, startRedis, startViewsRedis, UserError } from '@event-tracker/infra';
import { connectRedis, type Redis } from '@event-tracker/storage';
import { until } from '@event-tracker/testing';
import type pg from 'pg';
import { createDataFolder } from './data-folder.ts';
import { fsyncMs } from './machine.ts';
import type { Bench } from './part.ts';
import { connectClient } from './postgres-client.ts';
import { sum } from './rounds.ts';
import { type System, thisSystem } from './system.ts';
import { figure } from './table.ts';

export interface Database {
  url: string;
  drop(): Promise<void>;
}

export interface Outage {
  begin(): Promise<void>;
  end(): Promise<void>;
}

export interface Stores {
  /** For files of the part. */
  folder: string;
  /** Of the fast lane. */
  redisUrl: string;
  viewsRedisUrl: string;
  /** The server's; a database has its own. */
  postgresUrl: string;
  /** Of both Redis. */
  readonly redisPids: readonly number[];
  readonly postgresPid: number;
  /** The fast lane's. */
  redis: Redis;
  viewsRedis: Redis;
  /** Which versions, where, and how fast the disk is. */
  about: string;
  /** A database of its own, migrated by this system and empty. */
  createDatabase(system?: System): Promise<Database>;
  /** A connection to the server, for statistics of all databases. */
  readonly admin: pg.Client;
  /** Ends a store as a crash would, and starts it again on the same port and data; of Redis the fast lane's. */
  outages: Record<'redis' | 'postgres', Outage>;
  /** Empties both Redis and writes what the last measurement left unwritten, so that the next one doesn't pay for it. */
  settle(): Promise<void>;
}

/** As `npm start` runs it; fsync is on by default. */
const postgresSettings = {
  shared_buffers: '256MB',
  max_wal_size: '2GB',
  synchronous_commit: 'on',
  random_page_cost: 1.1,
};

/**
 * A PostgreSQL and two Redis of the part's own, as `npm start` has them, on free ports; they and their data go with the
 * closers.
 *
 * @param settings of PostgreSQL, beyond those of `npm start`
 */
export async function startStores(
  { closers, signal, say }: Bench,
  settings: Readonly<Record<string, string | number>> = {},
): Promise<Stores> {
  const data = createDataFolder();
  const folder = data.path;
  closers.add('folder', data.remove);
  const startOne = {
    postgres: (port?: number) =>
      startPostgres({
        dataDir: join(folder, 'postgres'),
        settings: { ...postgresSettings, ...settings },
        say,
        signal,
        ...(port && { port }),
      }),
    redis: (port?: number) =>
      startRedis({ dataDir: join(folder, 'redis'), say, signal, ...(port && { port }) }),
    views: () => startViewsRedis({ dataDir: join(folder, 'redis-views'), say, signal }),
  };
  let postgres = await startOne.postgres();
  closers.add('PostgreSQL', () => postgres.stop());
  let redisServer = await startOne.redis();
  closers.add('Redis', () => redisServer.stop());
  const viewsServer = await startOne.views();
  closers.add('Redis (views)', () => viewsServer.stop());
  const [redis, viewsRedis] = [redisServer, viewsServer].map(({ url }) => {
    const connection = connectRedis({ url, name: 'bench', mode: 'wait', onError: () => {} });
    closers.add('connection to Redis', () => connection.disconnect());
    return connection;
  }) as [Redis, Redis];
  let admin = await connectClient(postgres.url);
  closers.add('connection to PostgreSQL', () => admin.end());

  let made = 0;
  const templates = new Map<System, string>();

  async function templateOf(system: System): Promise<string> {
    const known = templates.get(system);
    if (known) return known;
    const name = `bench_template_${templates.size + 1}`;
    await admin.query(`create database ${name}`);
    await system.migrate(databaseUrl(postgres.url, name));
    templates.set(system, name);
    return name;
  }

  return {
    folder,
    redisUrl: redisServer.url,
    viewsRedisUrl: viewsServer.url,
    postgresUrl: postgres.url,
    get redisPids() {
      return [redisServer.pid, viewsServer.pid];
    },
    get postgresPid() {
      return postgres.pid;
    },
    redis,
    viewsRedis,
    get admin() {
      return admin;
    },
    about: await describe(admin, redis, folder),
    async createDatabase(system = thisSystem) {
      const template = await templateOf(system);
      made += 1;
      const name = `bench_${made}`;
      await admin.query(`create database ${name} template ${template}`);
      return {
        url: databaseUrl(postgres.url, name),
        drop: () => admin.query(`drop database ${name} with (force)`).then(() => {}),
      };
    },
    outages: {
      redis: {
        begin: () => crash(redisServer),
        async end() {
          redisServer = await startOne.redis(redisServer.port);
        },
      },
      postgres: {
        async begin() {
          await admin.end();
          await crash(postgres);
        },
        async end() {
          postgres = await startOne.postgres(postgres.port);
          admin = await connectClient(postgres.url);
        },
      },
    },
    async settle() {
      await Promise.all([deleteKeys(redis), deleteKeys(viewsRedis)]);
      // Redis may be rewriting by itself already, with the keys of before.
      await untilRewritten(redis);
      await redis.bgrewriteaof();
      await untilRewritten(redis);
      await admin.query('checkpoint');
    },
  };
}

/** Disk for a million events of a history with their counts, and for the log that writing them needs. */
const bytesPerMillion = 250e6;
const bytesBeside = 5e9;

/** Throws a UserError when histories of these sizes have no room. */
export function checkDisk(part: string, folder: string, millions: readonly number[]): void {
  const { bavail, bsize } = statfsSync(folder);
  const free = bavail * bsize;
  const needed = bytesBeside + sum(millions) * bytesPerMillion;
  if (free >= needed) return;
  throw new UserError(
    `${part} needs about ${figure(needed / 1e9)} GB of disk in ${folder}, and ${figure(free / 1e9)} GB are free: make room, or give smaller --millions.`,
  );
}

async function crash({ signal, ended }: Store): Promise<void> {
  signal('SIGKILL');
  await ended;
}

async function untilRewritten(redis: Redis): Promise<void> {
  await until(async () => /^aof_rewrite_in_progress:0/m.test(await redis.info('persistence')), {
    what: 'the end of rewriting the append-only file',
    everyMs: 20,
  });
}

/** Queues that are open keep their settings in `meta`: without them a queue goes on with others. */
async function deleteKeys(redis: Redis): Promise<void> {
  let cursor = '0';
  do {
    const [next, keys] = await redis.scan(cursor, 'COUNT', 5000);
    const others = keys.filter((key) => !key.endsWith(':meta'));
    if (others.length > 0) await redis.del(...others);
    cursor = next;
  } while (cursor !== '0');
}

async function describe(admin: pg.Client, redis: Redis, folder: string): Promise<string> {
  const { rows } = await admin.query<{ server_version: string }>('show server_version');
  const redisVersion = /^redis_version:(\S+)/m.exec(await redis.info('server'))?.[1];
  const fsync = (await redis.config('GET', 'appendfsync')) as string[];
  return `PostgreSQL ${rows[0]!.server_version} (fsync on), Redis ${redisVersion} (appendfsync ${fsync[1]}); 4 KiB are on disk in ${figure(fsyncMs(folder))} ms.`;
}

function databaseUrl(serverUrl: string, name: string): string {
  const url = new URL(serverUrl);
  url.pathname = `/${name}`;
  return url.href;
}
