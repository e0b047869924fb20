import { once } from 'node:events';
import { existsSync, mkdirSync, readdirSync, readFileSync, realpathSync, rmSync } from 'node:fs';
import { basename, dirname, join } from 'node:path';
import {
  checkoutTokenFile,
  createClosers,
  type RunningStores,
  readRunningStores,
} from '@event-tracker/runtime';
import { connectRedis, createPool } from '@event-tracker/storage';
import { readRecord } from '../process-record.ts';
import { storeFiles } from '../store-files.ts';
import { storeFolders, storeRecord } from '../stores.ts';
import { UserError } from '../user-error.ts';
import { findAppendOnlyFile, type HeldAppendOnlyFile, holdAppendOnlyFile } from './copy-append-only-file.ts';
import { copyCluster } from './copy-cluster.ts';
import { type KeptFile, syncFolder, writeKept } from './copy-files.ts';
import { kept, writeManifest } from './manifest.ts';
import { whilePaused } from './pause-writes.ts';

/** A large table is copied file by file, and a checkpoint of much that was written comes first (milliseconds). */
const longestStatementMs = 1_800_000;
const answerLimitMs = 10_000;

/**
 * Copies the stores of a running `npm start` as they are at one moment, the cut, while traffic flows. Redis is the fast
 * lane's; what the views' holds is made anew.
 *
 *   1. PostgreSQL's files, which takes as long as it takes;
 *   2. the cut: Redis takes no writes; what its append-only file holds is held; PostgreSQL's copy ends; Redis goes on;
 *   3. the log of PostgreSQL up to the cut, and the append-only file up to the cut.
 *
 * Redis is held first and PostgreSQL's copy ends after it, because a batch leaves Redis only once it is committed: one that
 * is in both is known by its batch row and counts once, one that was in neither would be lost. And nothing is acknowledged
 * on Redis between the two, so that no producer in the books has acknowledged what the backup does not have.
 */
export async function takeBackup(options: {
  stores: RunningStores;
  dataDir: string;
  target: string;
  now: () => number;
  signal: AbortSignal;
}): Promise<{ bytes: number; pausedMs: number }> {
  const { stores, dataDir, target, now, signal } = options;
  checkOwn(dataDir);
  makeEmpty(target);
  const closers = createClosers();
  try {
    const pool = createPool({
      url: stores.databaseUrl,
      applicationName: 'event-tracker-backup',
      max: 1,
      connectTimeoutMs: answerLimitMs,
      queryTimeoutMs: longestStatementMs,
      onError: () => {},
    });
    closers.add('PostgreSQL', () => pool.end());
    const client = await pool.connect();
    // Destroyed, not kept: the copy and its replication slot end with the session, however far it has come.
    closers.add('the session', () => client.release(true));
    const redis = connectRedis({
      url: stores.redisUrl,
      name: 'backup',
      mode: 'fail-fast',
      commandTimeoutMs: answerLimitMs,
      onError: () => {},
    });
    closers.add('Redis', () => redis.disconnect());
    await once(redis, 'ready', { signal: AbortSignal.timeout(answerLimitMs) });
    const redisInfo = await redis.info();
    checkAppendOnly(redisInfo);
    const appendOnly = await findAppendOnlyFile(redis);

    let pausedMs = 0;
    let held: HeldAppendOnlyFile | undefined;
    closers.add('the append-only file', () => held?.close());
    const database = await copyCluster({
      client,
      cluster: join(realpathSync(storeFolders(dataDir).postgres), 'cluster'),
      target,
      name: kept.cluster,
      signal,
      cut: (end) =>
        whilePaused(
          redis,
          async () => {
            held = await holdAppendOnlyFile(appendOnly);
            return end();
          },
          {
            onEnd: (ms) => {
              pausedMs = ms;
            },
          },
        ),
    });
    const files = [
      ...database.files,
      ...(await held!.copy(target, kept.appendOnly)),
      ...(await copySecrets(dataDir, target)),
    ];
    signal.throwIfAborted();
    const folders = [...new Set([...database.folders, ...files.map(({ path }) => dirname(path))])].filter(
      (folder) => folder !== '.',
    );
    for (const folder of folders) await syncFolder(join(target, folder));
    await writeManifest(target, {
      createdAt: new Date(now()).toISOString(),
      platform: process.platform,
      arch: process.arch,
      postgres: { version: await versionOf(client), lsn: database.lsn },
      redis: { version: /^(?:valkey|redis)_version:(\S+)/m.exec(redisInfo)?.[1] ?? 'unknown' },
      folders,
      files,
    });
    return { bytes: files.reduce((sum, file) => sum + file.bytes, 0), pausedMs };
  } catch (cause) {
    for (const name of readdirSync(target)) rmSync(join(target, name), { recursive: true, force: true });
    if (cause instanceof UserError || signal.aborted || readRunningStores()) throw cause;
    throw new UserError('`npm start` ended while it was copied: nothing is kept of this backup.', { cause });
  } finally {
    await closers.closeAll();
  }
}

async function versionOf(client: {
  query(sql: string): Promise<{ rows: { server_version: string }[] }>;
}): Promise<string> {
  return (await client.query('show server_version')).rows[0]!.server_version;
}

/** Without the first nobody gets in; with the second the links that were printed go on working. */
async function copySecrets(dataDir: string, target: string): Promise<KeptFile[]> {
  const { password } = storeFiles(storeFolders(dataDir).postgres);
  const token = join(dataDir, basename(checkoutTokenFile));
  const files = [await writeKept(target, kept.password, readFileSync(password))];
  if (existsSync(token)) files.push(await writeKept(target, kept.adminToken, readFileSync(token)));
  return files;
}

/** Throws a UserError for a store that `npm start` uses and did not start: its files are not here. */
function checkOwn(dataDir: string): void {
  for (const [name, folder, variable] of [
    ['PostgreSQL', storeFolders(dataDir).postgres, 'DATABASE_URL'],
    ['Redis', storeFolders(dataDir).redis, 'REDIS_URL or QUEUE_REDIS_URL'],
  ] as const) {
    if (existsSync(folder) && readRecord(storeRecord(folder), realpathSync(folder))) continue;
    throw new UserError(
      `\`npm start\` uses a ${name} that it did not start (${variable}): back both stores up with their own tools, Redis first (docs/operations.md).`,
    );
  }
}

function checkAppendOnly(info: string): void {
  if (/^aof_enabled:1\b/m.test(info) && /^aof_last_write_status:ok\b/m.test(info)) return;
  throw new UserError('Redis does not write its append-only file: see its log, .data/redis/log.');
}

/** What is in a backup is personal data, and a password: for this user alone. */
function makeEmpty(target: string): void {
  mkdirSync(target, { recursive: true, mode: 0o700 });
  if (readdirSync(target).length === 0) return;
  throw new UserError(`${target} is not empty: name a new folder, or empty it first.`);
}
