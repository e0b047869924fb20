import { createTestDatabase, startTestRedis, until, untilReady } from '@event-tracker/testing';
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { eachOnce, openTestSystem, type TestSystem } from './support/test-system.ts';

/** CONTRACT: gone within so long. */
const shutdownLimitMs = 20_000;
const batches = 100;
const eventsEach = 10;
/** Batches that a worker takes at a time: fewer than there are. */
const heldMost = 64;

const closers: (() => unknown)[] = [];
let system: TestSystem;

beforeAll(async () => {
  const [database, redis] = await Promise.all([createTestDatabase(), startTestRedis()]);
  closers.push(
    () => redis.stop(),
    () => database.drop(),
  );
  system = await openTestSystem({ databaseUrl: database.url, redisUrl: redis.url });
  closers.push(() => system.close());
});
afterAll(async () => {
  for (const close of closers.reverse()) await close();
});

test.each([
  ['SIGTERM', 1],
  ['SIGTERM twice', 2],
])('%s under load: what is held is completed, nothing more is taken, exit 0', async (_name, signals) => {
  const before = await system.outcome();
  const { completed } = await system.laneCounts();
  const worker = await system.startWorker({ WORKER_JOBS_MAX: `${heldMost}` });
  await untilReady(worker);
  const release = await system.lock('pending_entry');
  await system.putOnLane(batches, eventsEach);
  await until(async () => (await system.laneCounts()).active === heldMost);

  const since = performance.now();
  for (let sent = 0; sent < signals; sent += 1) {
    worker.signal('SIGTERM');
    await until(() => worker.output().includes('shutting down'));
  }
  await system.putOnLane(1, eventsEach);
  await release();

  expect(await worker.ended).toBe(0);
  expect(performance.now() - since).toBeLessThan(shutdownLimitMs);
  expect(await system.laneCounts()).toEqual({
    wait: batches + 1 - heldMost,
    active: 0,
    delayed: 0,
    failed: 0,
    completed: completed + heldMost,
  });
  expect(await system.outcome()).toEqual(eachOnce(before.stored + heldMost * eventsEach));

  const next = await system.startWorker();
  expect(await system.outcomeAtRest()).toEqual(eachOnce(before.stored + (batches + 1) * eventsEach));
  expect(await next.stop()).toBe(0);
});
