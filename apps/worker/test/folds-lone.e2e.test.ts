import { createLedger, createPool } from '@event-tracker/storage';
import { createTestDatabase, startTestRedis, until, untilReady } from '@event-tracker/testing';
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { aBatch, eachOnce, openTestSystem, type TestSystem } from './support/test-system.ts';

const closers: (() => unknown)[] = [];
let system: TestSystem;
let databaseUrl: string;

beforeAll(async () => {
  const [database, redis] = await Promise.all([
    createTestDatabase(),
    startTestRedis({ appendfsync: 'everysec' }),
  ]);
  databaseUrl = database.url;
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

/** How long so many events, once they were committed, waited to be counted; in milliseconds. */
async function waitOf(events: number): Promise<number> {
  const often = { everyMs: 5 };
  await until(async () => (await system.outcome()).rows === events, often);
  const committedAt = performance.now();
  await until(async () => (await system.outcome()).counted === events, often);
  return performance.now() - committedAt;
}

test('a lone commit is counted within a second, though nothing comes after it', async () => {
  await untilReady(await system.startWorker());
  const waits: number[] = [];
  for (let events = 1; events <= 20; events += 1) {
    // At whatever moment of the folds before it: often beside one that finds nothing.
    await system.putOnLane(1, 1);
    waits.push(await waitOf(events));
  }
  expect(Math.max(...waits)).toBeLessThan(1000);
  expect(await system.outcomeAtRest()).toEqual(eachOnce(20));

  // What a worker has committed that died at once: nobody is woken, and others look once a second.
  const pool = createPool({
    url: databaseUrl,
    applicationName: 'folds-lone-test',
    max: 1,
    connectTimeoutMs: 5000,
    queryTimeoutMs: 15_000,
    onError: () => {},
  });
  closers.push(() => pool.end());
  await createLedger({ pool, now: Date.now }).commit([aBatch(1)]);
  expect(await waitOf(21)).toBeLessThan(2000);
  expect(await system.outcomeAtRest()).toEqual(eachOnce(21));
});
