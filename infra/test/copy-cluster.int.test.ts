import { copyFileSync, existsSync, readdirSync, readFileSync, realpathSync, rmSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { createClosers } from '@event-tracker/runtime';
import { createPool, type Pool } from '@event-tracker/storage';
import { createTestFolder, quickestParent } from '@event-tracker/testing';
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { copyCluster } from '../src/backup/copy-cluster.ts';
import { giveAll } from '../src/backup/give-all.ts';
import { segmentsBetween } from '../src/backup/wal-segments.ts';
import { isRoot } from '../src/identity.ts';
import { type Store, startPostgres } from '../src/index.ts';

const closers = createClosers();
let source: Store;
let pool: Pool;
let cluster: string;
const folder = createTestFolder(quickestParent());

beforeAll(async () => {
  closers.add('the folder', folder.remove);
  const dataDir = join(folder.path, 'source');
  source = await startPostgres({ dataDir });
  closers.add('PostgreSQL', () => source.stop());
  pool = openPool(source.url);
  closers.add('its pool', () => pool.end());
  cluster = join(realpathSync(dataDir), 'cluster');
  await pool.query('create table filled as select 0 as number, repeat($$x$$, 500) as text');
});
afterAll(() => closers.closeAll());

const openPool = (url: string) =>
  createPool({
    url,
    applicationName: 'test',
    max: 4,
    connectTimeoutMs: 10_000,
    queryTimeoutMs: 60_000,
    onError: () => {},
  });

/** Copies the cluster while `meanwhile` runs; what is in the table of a server that is started on the copy. */
async function copiedNumbers(name: string, meanwhile: () => Promise<void>): Promise<number[]> {
  const target = join(folder.path, name);
  const client = await pool.connect();
  try {
    await copyCluster({
      client,
      cluster,
      target,
      name: 'cluster',
      signal: new AbortController().signal,
      cut: async (end) => {
        await meanwhile();
        return end();
      },
    });
  } finally {
    client.release(true);
  }
  copyFileSync(join(folder.path, 'source', 'password'), join(target, 'password'));
  if (isRoot()) giveAll(target, statSync(cluster));
  const copy = await startPostgres({ dataDir: target });
  const copied = openPool(copy.url);
  try {
    const { rows } = await copied.query<{ number: number }>('select distinct number from filled order by 1');
    // It began where the label says, not where the control file does, which a checkpoint may have moved meanwhile.
    expect(readFileSync(join(target, 'log'), 'utf8')).toMatch(
      /starting backup recovery.*completed backup recovery/s,
    );
    return rows.map(({ number }) => number);
  } finally {
    await copied.end();
    await copy.stop();
    rmSync(target, { recursive: true });
  }
}

test('what was committed before the cut is in the copy, also what was written while its files were copied', async () => {
  const write = () =>
    pool
      .query('insert into filled select 1, repeat($$y$$, 500) from generate_series(1, 20000)')
      .then(() => {});
  expect(await copiedNumbers('written', write)).toEqual([0, 1]);
});

test('the log that the copy needs is there, although the server removes and reuses what it can meanwhile', async () => {
  const segments = () => readdirSync(join(cluster, 'pg_wal')).filter((file) => /^[0-9A-F]{24}$/.test(file));
  let first = '';
  const fill = async () => {
    first = segments().toSorted()[0]!;
    for (let turn = 0; turn < 4; turn += 1) {
      await pool.query('insert into filled values (2, $$z$$)');
      await pool.query('select pg_switch_wal()');
      await pool.query('checkpoint');
    }
  };
  expect(await copiedNumbers('removed', fill)).toEqual([0, 1, 2]);
  // Once the copy has ended nothing keeps the log any more.
  await pool.query('select pg_switch_wal()');
  await pool.query('checkpoint');
  expect(segments()).not.toContain(first);
});

test('a copy that is given up leaves no slot that would keep the log for ever', async () => {
  const target = join(folder.path, 'given-up');
  const client = await pool.connect();
  const failure = copyCluster({
    client,
    cluster,
    target,
    name: 'cluster',
    signal: new AbortController().signal,
    cut: () => Promise.reject(new Error('given up')),
  });
  await expect(failure).rejects.toThrow('given up');
  client.release(true);
  const { rows } = await pool.query<{ slots: number }>(
    "select count(*)::int as slots from pg_replication_slots where slot_name like 'event_tracker_backup_%'",
  );
  expect(rows).toEqual([{ slots: 0 }]);
  expect(existsSync(join(target, 'cluster', 'backup_label'))).toBe(false);
});

test('the segments of a log are counted over the border of 4 GiB', () => {
  expect(segmentsBetween('0000000100000000000000FE', '000000010000000100000001', 2 ** 24)).toEqual([
    '0000000100000000000000FE',
    '0000000100000000000000FF',
    '000000010000000100000000',
    '000000010000000100000001',
  ]);
  expect(segmentsBetween('00000002000000000000000A', '00000002000000000000000A', 2 ** 24)).toHaveLength(1);
  expect(() => segmentsBetween('00000001000000000000000A', '00000002000000000000000B', 2 ** 24)).toThrow();
});
