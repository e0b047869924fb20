import { once } from 'node:events';
import { join } from 'node:path';
import { createClosers } from '@event-tracker/runtime';
import { connectRedis, type Redis } from '@event-tracker/storage';
import { createTestFolder, until } from '@event-tracker/testing';
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { findAppendOnlyFile, holdAppendOnlyFile } from '../src/backup/copy-append-only-file.ts';
import { whilePaused } from '../src/backup/pause-writes.ts';
import { type Store, startRedis } from '../src/index.ts';

const closers = createClosers();
const folder = createTestFolder();
let source: Store;
let redis: Redis;
let writer: Redis;

async function connect(store: Store): Promise<Redis> {
  const connection = connectRedis({
    url: store.url,
    name: 'test',
    mode: 'fail-fast',
    commandTimeoutMs: 20_000,
    onError: () => {},
  });
  await once(connection, 'ready');
  return connection;
}

beforeAll(async () => {
  closers.add('the folder', folder.remove);
  source = await startRedis({ dataDir: join(folder.path, 'source') });
  closers.add('Redis', () => source.stop());
  redis = await connect(source);
  writer = await connect(source);
  closers.add('the connections', () => [redis, writer].map((connection) => connection.disconnect()));
});
afterAll(() => closers.closeAll());

test('a write waits until the pause is over, and a read does not', async () => {
  let written = false;
  let write: Promise<unknown> | undefined;
  let heard = 0;
  const answer = await whilePaused(
    redis,
    async () => {
      write = writer.set('late', '1').then(() => {
        written = true;
      });
      expect(await redis.get('late')).toBeNull();
      expect(written).toBe(false);
      return 'done';
    },
    {
      onEnd: (ms) => {
        heard = ms;
      },
    },
  );
  expect(answer).toBe('done');
  expect(heard).toBeGreaterThan(0);
  await write;
  expect(await redis.get('late')).toBe('1');
});

test('work that takes longer than Redis waits fails, and Redis has gone on', async () => {
  const late = whilePaused(redis, () => writer.set('other', '1'), { limitMs: 100 });
  await expect(late).rejects.toThrow(/took longer than 0\.1 s to end its copy/);
  expect(await redis.get('other')).toBe('1');
});

test('work that fails lets Redis go on at once', async () => {
  await expect(whilePaused(redis, () => Promise.reject(new Error('no')))).rejects.toThrow('no');
  expect(await writer.set('after', '1')).toBe('OK');
});

test('what is held is copied as it was, although Redis writes more and rewrites its file meanwhile', async () => {
  await writer.mset('one', '1', 'two', '2');
  const held = await holdAppendOnlyFile(await findAppendOnlyFile(redis));
  await writer.set('three', '3');
  await redis.bgrewriteaof();
  await until(async () =>
    /aof_rewrite_in_progress:0\r\n.*aof_rewrite_scheduled:0/s.test(await redis.info('persistence')),
  );
  const target = join(folder.path, 'copy');
  const files = await held.copy(target, 'appendonlydir');
  await held.close();
  expect(files.map(({ path }) => path)).toContain('appendonlydir/appendonly.aof.manifest');

  const copy = await startRedis({ dataDir: target });
  const copied = await connect(copy);
  try {
    expect(await copied.mget('one', 'two', 'three')).toEqual(['1', '2', null]);
  } finally {
    copied.disconnect();
    await copy.stop();
  }
});
