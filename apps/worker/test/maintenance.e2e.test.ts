import { randomUUID } from 'node:crypto';
import { createTestDatabase, startTestRedis, until, untilReady } from '@event-tracker/testing';
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import pg from 'pg';
import { openTestSystem, type TestSystem } from './support/test-system.ts';

const hour = 3_600_000;
const component = '0000000000001002';
const closers: (() => unknown)[] = [];
let system: TestSystem;
let client: pg.Client;

beforeAll(async () => {
  const [database, redis] = await Promise.all([createTestDatabase(), startTestRedis()]);
  closers.push(
    () => redis.stop(),
    () => database.drop(),
  );
  client = new pg.Client(database.url);
  await client.connect();
  closers.push(() => client.end());
  system = await openTestSystem({ databaseUrl: database.url, redisUrl: redis.url });
  closers.push(() => system.close());
});
afterAll(async () => {
  for (const close of closers.reverse()) await close();
});

const numberOf = async (query: string) => Number((await client.query(query)).rows[0].count);
const shown = async () => {
  const answer = await system.reader.ranking('CLICK', '1h', 1);
  return answer.status === 'fresh' ? answer.value[0]?.count : undefined;
};

test('a worker removes what is past its life, counts the days that are over, and makes the partitions ahead', async () => {
  const ahead = new Date(Date.now() + 48 * hour).toISOString().slice(0, 10).replaceAll('-', '');
  await client.query(`drop table event_${ahead}`);
  await client.query(
    `select make_partition('event', 'occurred_at', (now() - d * interval '1 day')::date) from unnest(array[33, 40]) as d`,
  );
  await client.query(
    `insert into event_key select gen_random_uuid(), now() - h * interval '1 hour' from unnest(array[118, 119, 121, 122]) as h`,
  );
  await client.query(
    `insert into batch select gen_random_uuid(), now() - h * interval '1 hour', 1 from unnest(array[142, 143, 145, 146]) as h`,
  );
  const worker = await system.startWorker();
  await untilReady(worker);
  await until(async () => (await numberOf('select count(*) from event_key')) === 2);
  await until(async () => (await numberOf('select count(*) from batch')) === 2);
  const compared = 'select count(*) from event_check where until = (day + 1)::timestamp and difference = 0';
  await until(async () => (await numberOf(compared)) >= 29);
  const partitions = `select count(*) from pg_inherits where inhparent = 'event'::regclass`;
  // 33 days back, today and 2 ahead; the one of 40 days ago is gone.
  await until(async () => (await numberOf(partitions)) === 34);
  await until(async () => (await client.query(`select to_regclass('event_${ahead}') as made`)).rows[0].made);
  expect(worker.output()).not.toContain('could not be done');
  expect(await worker.stop()).toBe(0);
});

test('a worker heals a count that is too high in the views, and says so once', async () => {
  const first = await system.startWorker();
  await system.putOnLane(2, 10);
  await until(async () => (await shown()) === 20);
  await first.stop();
  for (const key of await system.redis.keys('view:{component}:CLICK:*'))
    await system.redis.zincrby(key, 1_000_000, component);

  const worker = await system.startWorker();
  await until(async () => (await shown()) === 20);
  expect(worker.output().match(/too high: making them anew/g)).toHaveLength(1);
  await worker.stop();
});

test('a batch that waited for longer than one may goes to the dead letters, and one that was committed is let go', async () => {
  await untilReady(await system.startWorker());
  const before = await numberOf('select sum(received) as count from producer');
  const [late, repeated] = [aBatch(73 * hour), aBatch(73 * hour)];
  await client.query('insert into batch (batch_id, event_count) values ($1, 1)', [repeated.id]);
  await Promise.all([late, repeated, aBatch(71 * hour)].map((batch) => system.lane.submit(batch)));
  const { received } = await system.outcomeAtRest();
  expect(received - before).toBe(2);
  const { rows } = await client.query('select batch_id, code, event_count from dead_letter');
  expect(rows).toEqual([{ batch_id: late.id, code: 'too-old', event_count: 1 }]);
  // What its producer acknowledged otherwise is settled for long, and may be folded into the totals.
  const owing = 'select acknowledged from producer where producer_id = $1';
  expect((await client.query(owing, [late.producer])).rows).toEqual([{ acknowledged: '0' }]);
});

/** A batch that was made so long ago. */
function aBatch(ageMs: number) {
  const at = Date.now() - ageMs;
  const time = at.toString(16).padStart(12, '0');
  const fields = { sessionId: 's-1', componentId: 1002, occurredAt: at, receivedAt: at };
  const event = { eventId: randomUUID(), clientId: false, eventType: 'CLICK' as const, ...fields };
  const id = `${time.slice(0, 8)}-${time.slice(8)}-7${randomUUID().slice(15)}`;
  return { id, producer: randomUUID(), acknowledged: 100, events: [event] };
}
