import { createTestDatabase, startTestRedis, until, untilReady } from '@event-tracker/testing';
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { eachOnce, openTestSystem, type TestSystem } from './support/test-system.ts';

const closers: (() => unknown)[] = [];
let system: TestSystem;

beforeAll(async () => {
  const [database, redis] = await Promise.all([createTestDatabase(), startTestRedis()]);
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

test('a worker whose commits hang is not ready, says why, lives on, and is ready when they end', async () => {
  const worker = await system.startWorker({ STALL_SECONDS: '2' });
  await untilReady(worker);
  const readyz = () => fetch(`${worker.url}/readyz`);
  const release = await system.lock('pending_entry');
  await system.putOnLane(3, 10);
  await until(async () => (await readyz()).status === 503, { what: 'a worker that is not ready' });

  // Every socket is open and every store answers.
  const { status, dependencies, reasons } = (await (await readyz()).json()) as Record<string, unknown>;
  expect({ status, dependencies }).toEqual({
    status: 'unavailable',
    dependencies: { postgres: 'up', redis: 'up', lane: 'up', consumer: 'down' },
  });
  expect(reasons).toEqual([
    expect.stringMatching(/^consumer: batches wait, and none has completed for \d+ s$/),
  ]);
  const metrics = await (await fetch(`${worker.url}/metrics`)).text();
  expect(Number(/^event_tracker_worker_stalled_seconds (\S+)$/m.exec(metrics)?.[1])).toBeGreaterThanOrEqual(
    2,
  );
  expect((await fetch(`${worker.url}/healthz`)).status).toBe(200);

  await release();
  await until(async () => (await readyz()).status === 200, { what: 'a worker that is ready again' });
  expect(await system.outcomeAtRest()).toEqual(eachOnce(30));
});

test('a worker whose folds do not end is not ready, says why, goes on committing, and is ready when they do', async () => {
  const worker = await system.startWorker({ STALL_SECONDS: '2', FOLD_AGE_MAX_MS: '600000' });
  await untilReady(worker);
  const before = await system.outcomeAtRest();
  const readyz = () => fetch(`${worker.url}/readyz`);
  const release = await system.lock('statistic');
  await system.putOnLane(3, 10);
  await until(async () => (await readyz()).status === 503, { what: 'a worker that is not ready' });

  const { dependencies, reasons } = (await (await readyz()).json()) as Record<string, unknown>;
  expect({ dependencies, reasons }).toEqual({
    dependencies: { postgres: 'up', redis: 'up', lane: 'up', consumer: 'down' },
    reasons: [
      expect.stringMatching(/^consumer: commits wait to be added up, and none of them has been for \d+ s$/),
    ],
  });
  await system.putOnLane(1, 10);
  await until(async () => (await system.outcome()).rows === before.rows + 40);

  await release();
  await until(async () => (await readyz()).status === 200, { what: 'a worker that is ready again' });
  expect(await system.outcomeAtRest()).toEqual(eachOnce(before.rows + 40));
});
