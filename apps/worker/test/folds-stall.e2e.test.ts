import { createTestDatabase, startTestRedis, until, untilReady } from '@event-tracker/testing';
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { eachOnce, openTestSystem, readMetric, type TestSystem } from './support/test-system.ts';

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

test.each(['statistic', 'producer'] as const)(
  'a worker whose folds hang over the table "%s" is not ready, says why, lives on, and is ready when they end',
  async (table) => {
    const before = (await system.outcome()).stored;
    const worker = await system.startWorker({ STALL_SECONDS: '3' });
    await untilReady(worker);
    const readyz = () => fetch(`${worker.url}/readyz`);
    const release = await system.lock(table);
    // Nothing else comes: no batch waits, every socket is open, and every store answers.
    await system.putOnLane(1, 10);
    await until(async () => (await system.laneCounts()).active === 0);
    await until(async () => (await readyz()).status === 503, { what: 'a worker that is not ready' });

    const { status, dependencies, reasons } = (await (await readyz()).json()) as Record<string, unknown>;
    expect({ status, dependencies }).toEqual({
      status: 'unavailable',
      dependencies: { postgres: 'up', redis: 'up', lane: 'up', consumer: 'down' },
    });
    expect(reasons).toEqual([
      expect.stringMatching(/^consumer: commits wait to be added up, and none of them has been for \d+ s$/),
    ]);
    expect(await readMetric(worker, 'fold_stalled_seconds')).toBeGreaterThanOrEqual(3);
    expect((await fetch(`${worker.url}/healthz`)).status).toBe(200);

    await release();
    await until(async () => (await readyz()).status === 200, { what: 'a worker that is ready again' });
    expect(await system.outcomeAtRest()).toEqual(eachOnce(before + 10));
    expect(await system.deadLetters()).toBe(0);
    expect(worker.output()).not.toContain('PostgreSQL is away');
    await worker.stop();
  },
  90_000,
);
