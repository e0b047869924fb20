import { until } from '@event-tracker/testing';
import { afterAll, beforeAll, beforeEach, expect, test } from '@jest/globals';
import {
  createBooksReader,
  createPool,
  makePartitions,
  type Pool,
  retire,
  withAdvisoryLock,
} from '../src/index.ts';
import { aBatch, anEvent } from './support/builders.ts';
import { openTestLedger, type TestLedger } from './support/test-ledger.ts';

const day = 86_400_000;
const forEver = {
  eventMs: 36_500 * day,
  minuteCountMs: 36_500 * day,
  hourCountMs: undefined,
  dayCountMs: undefined,
};
const lives = { ...forEver, eventMs: 33 * day, minuteCountMs: 33 * day };
let store: TestLedger;

beforeAll(async () => {
  store = await openTestLedger({ connections: 16 });
});
beforeEach(async () => {
  await makePartitions(store.pool, Date.now() - 60 * day, Date.now());
  await store.empty();
});
afterAll(() => store.close());

const dayName = (daysAgo: number) =>
  new Date(Date.now() - daysAgo * day).toISOString().slice(0, 10).replaceAll('-', '');
const commit = (...daysAgo: number[]) => {
  const events = daysAgo.map((days) => anEvent({ occurredAt: Date.now() - days * day }));
  return store.commitAndFold([aBatch(events)]);
};
const books = async () => {
  const reader = createBooksReader(store.pool);
  const { stored, rows } = await reader.read(await reader.acknowledged(), new Map());
  return { stored, rows };
};
const tables = async (parent: string) =>
  (
    await store.rows<{ name: string }>(
      `select relname as name from pg_class where relkind = 'r' and relname ~ ('^' || $1 || '_[0-9]{8}$') order by 1`,
      [parent],
    )
  ).map(({ name }) => name);
const number = async (query: string) => (await store.rows<{ count: number }>(query))[0]!.count;

test('days past their retention go with their partitions, the others stay, and the books balance', async () => {
  await commit(0, 32, 33, 34, 34, 40, 59);
  await retire(store.pool, lives);
  expect((await tables('event'))[0]).toBe(`event_${dayName(33)}`);
  expect((await tables('statistic'))[0]).toBe(`statistic_${dayName(33)}`);
  expect((await tables('subject_count_minute'))[0]).toBe(`subject_count_minute_${dayName(33)}`);
  expect(await number('select count(*) from event')).toBe(3);
  expect(await books()).toEqual({ stored: 7, rows: 7 });
  // Counted as they are by hour and day, which are kept on.
  expect(await number(`select sum(count)::bigint as count from subject_count where grain = 'hour'`)).toBe(7);
  expect(await number(`select sum(count)::bigint as count from subject_count where grain = 'day'`)).toBe(7);
});

test('the levels are kept for as long as each is set to', async () => {
  await commit(1, 35, 45, 55);
  await retire(store.pool, {
    eventMs: 33 * day,
    minuteCountMs: 40 * day,
    hourCountMs: 50 * day,
    dayCountMs: undefined,
  });
  const counted = await store.rows<{ grain: string; count: number }>(
    'select grain, sum(count)::bigint as count from subject_count group by grain order by grain',
  );
  expect(counted).toEqual([
    { grain: 'day', count: 4 },
    { grain: 'hour', count: 3 },
    { grain: 'minute', count: 2 },
  ]);
  expect(await number('select count(*) from event')).toBe(1);
});

test('counts by hour are deleted page by page to the last', async () => {
  await store.rows(
    `insert into subject_count (grain, bucket, event_type, subject, count)
     select 'hour', now() - interval '50 days', 'CLICK', n::text, 1 from generate_series(1, 25000) as n`,
  );
  await commit(1);
  expect(await retire(store.pool, { ...forEver, hourCountMs: 40 * day })).toEqual({
    partitions: 0,
    counts: 25_000,
  });
  expect(await number(`select count(*) from subject_count where grain = 'hour'`)).toBe(1);
});

test('with many replicas at once, readers and late commits beside them, nothing fails and the books balance', async () => {
  await commit(0, 35, 36, 37, 50);
  const url = store.url;
  const pools = Array.from({ length: 4 }, (_, replica) =>
    createPool({
      url,
      applicationName: `replica-${replica}`,
      max: 4,
      connectTimeoutMs: 5000,
      queryTimeoutMs: 15_000,
      onError: () => {},
    }),
  );
  try {
    let done = false;
    const beside = async () => {
      while (!done) expect(await books().then(({ stored, rows }) => rows - stored)).toBe(0);
    };
    const turn = (pool: Pool) => withAdvisoryLock(pool, 'retention', 'skip', () => retire(pool, lives));
    const running = Promise.all([...pools, ...pools].map(turn)).finally(() => (done = true));
    const late = async () => {
      for (let turns = 0; turns < 20; turns += 1) await commit(0, 5, 20);
    };
    await Promise.all([running, beside(), late()]);
    expect((await tables('event'))[0]).toBe(`event_${dayName(33)}`);
    expect(await books()).toEqual({ stored: 65, rows: 65 });
  } finally {
    await Promise.all(pools.map((pool) => pool.end()));
  }
});

test('an interrupted run is finished by the next, and a table that somebody else detached stays', async () => {
  await commit(40, 41, 42, 0);
  await retire(store.pool, { ...lives, eventMs: 41.5 * day });
  const reader = await store.pool.connect();
  await reader.query('set idle_in_transaction_session_timeout = 0; begin; select count(*) from event');
  // It waits for the reader: given up here, as when its process is killed.
  const detaching = store.pool.connect().then(async (client) => {
    await client.query('set lock_timeout = 200');
    await client.query(`comment on table event_${dayName(41)} is 'event_tracker: past its retention'`);
    const detach = client.query(`alter table event detach partition event_${dayName(41)} concurrently`);
    await detach.catch(() => {});
    client.release(true);
  });
  await detaching;
  await until(async () => (await number('select count(*) from pg_inherits where inhdetachpending')) === 1);
  await reader.query('commit');
  reader.release(true);
  await store.rows(`alter table event detach partition event_${dayName(38)}`);
  await retire(store.pool, lives);
  expect((await tables('event')).slice(0, 2)).toEqual([`event_${dayName(38)}`, `event_${dayName(33)}`]);
  expect(await books()).toEqual({ stored: 4, rows: 4 });
  await store.rows(`drop table event_${dayName(38)}`);
});

test('an event of a day that went finds a new partition, counts, and goes again', async () => {
  await commit(45, 45);
  await retire(store.pool, lives);
  await makePartitions(store.pool, Date.now() - 45 * day, Date.now() - 45 * day);
  await commit(45);
  expect(await books()).toEqual({ stored: 3, rows: 3 });
  await retire(store.pool, lives);
  expect(await number('select count(*) from event')).toBe(0);
  expect(await books()).toEqual({ stored: 3, rows: 3 });
});

test('a day is left while what was stored in it waits to be added up, and goes after that', async () => {
  await commit(40, 0);
  await store.ledger.commit([aBatch([anEvent({ occurredAt: Date.now() - 40 * day })])]);
  await retire(store.pool, lives);
  expect((await tables('event'))[0]).toBe(`event_${dayName(40)}`);
  expect(await books()).toEqual({ stored: 2, rows: 2 });
  // Its counts have gone with their partition. A worker whose fold finds none makes it.
  await expect(store.foldAll()).rejects.toThrow('no partition');
  await makePartitions(store.pool, Date.now() - 40 * day, Date.now() - 40 * day);
  await store.foldAll();
  expect(await books()).toEqual({ stored: 3, rows: 3 });
  await retire(store.pool, lives);
  expect((await tables('event'))[0]).toBe(`event_${dayName(33)}`);
  expect(await books()).toEqual({ stored: 3, rows: 3 });
});

test('rows that were lost before their day went stay lost, and a day that comes again is counted for itself', async () => {
  await commit(45, 45, 45);
  await store.rows('delete from event where ctid = any(array(select ctid from event limit 1))');
  expect(await books()).toEqual({ stored: 3, rows: 2 });
  for (const stored of [4, 5]) {
    await retire(store.pool, lives);
    expect(await books()).toEqual({ stored: stored - 1, rows: stored - 2 });
    await makePartitions(store.pool, Date.now() - 45 * day, Date.now() - 45 * day);
    await commit(45);
    expect(await books()).toEqual({ stored, rows: stored - 1 });
  }
  const dropped = await store.rows("select hour::text, stored from event_hour where hour = '-infinity'");
  expect(dropped).toEqual([{ hour: '-infinity', stored: 4 }]);
});
