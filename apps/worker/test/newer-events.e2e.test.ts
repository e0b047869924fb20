import { encodeBatch, jobIdOf } from '@event-tracker/queue';
import { createTestDatabase, startTestRedis, until } from '@event-tracker/testing';
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { aBatch, eachOnce, openTestSystem, type TestSystem } from './support/test-system.ts';

const closers: (() => unknown)[] = [];
let system: TestSystem;

beforeAll(async () => {
  const [database, redis] = await Promise.all([
    createTestDatabase(),
    startTestRedis({ appendfsync: 'everysec' }),
  ]);
  closers.push(
    () => database.drop(),
    () => redis.stop(),
  );
  system = await openTestSystem({ databaseUrl: database.url, redisUrl: redis.url });
  closers.push(() => system.close());
});
afterAll(async () => {
  for (const close of closers.reverse()) await close();
});

test('a batch with an event of a type that a newer API knows waits for a newer worker, keeps no other back, and is stored then', async () => {
  const batch = aBatch(3);
  const known = encodeBatch(batch);
  const newer = {
    ...known,
    events: known.events.map((event, at) => (at === 1 ? { ...event, eventType: 'HOVER' } : event)),
  };
  const { queue } = system.lane;
  await queue.add('3 events', newer, { jobId: jobIdOf(batch) });
  await system.startWorker();
  await system.putOnLane(5, 10);
  const waits = async () => (await system.laneCounts()).delayed === 1;
  await until(async () => (await waits()) && (await system.outcome()).stored === 50);
  expect(await system.deadLetters()).toBe(0);

  // What a newer worker reads: the same job, of a type that it knows.
  const job = await queue.getJob(jobIdOf(batch));
  await job!.updateData(known);
  await until(async () => (await system.outcome()).stored === 53, {
    limitMs: 30_000,
    what: 'its next delivery',
  });
  expect(await system.outcomeAtRest()).toEqual(eachOnce(53));
  expect(await system.deadLetters()).toBe(0);
}, 60_000);
