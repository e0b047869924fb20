import { randomBytes } from 'node:crypto';
import { migrate } from '@event-tracker/storage/migrate';
import { createTestDatabase, poll, startTestRedis, untilReady } from '@event-tracker/testing';
import { afterAll, expect, test } from '@jest/globals';
import pg from 'pg';
import { eachOnce, openTestSystem } from './support/test-system.ts';

const closers: (() => unknown)[] = [];
afterAll(async () => {
  for (const close of closers.reverse()) await close();
});

/** A database that nobody has migrated, on the server of the run. */
async function createEmptyDatabase(): Promise<string> {
  const beside = await createTestDatabase();
  closers.push(() => beside.drop());
  const admin = new pg.Client(beside.url);
  await admin.connect();
  closers.push(() => admin.end());
  const name = `test_empty_${randomBytes(6).toString('hex')}`;
  await admin.query(`create database ${name}`);
  closers.push(() => admin.query(`drop database ${name} with (force)`));
  return Object.assign(new URL(beside.url), { pathname: `/${name}` }).href;
}

test('a worker that starts before the schema waits, not ready, and works once there is one', async () => {
  const databaseUrl = await createEmptyDatabase();
  const redis = await startTestRedis();
  closers.push(() => redis.stop());
  const system = await openTestSystem({ databaseUrl, redisUrl: redis.url });
  closers.push(() => system.close());
  await system.putOnLane(3, 5);

  const worker = await system.startWorker();
  // The first answers may come before the worker has reached Redis.
  const waiting = await poll(async () => {
    const response = await fetch(`${worker.url}/readyz`);
    const body = (await response.json()) as { dependencies: { redis: string } };
    return body.dependencies.redis === 'up' ? { httpStatus: response.status, ...body } : undefined;
  });
  expect(waiting).toMatchObject({
    httpStatus: 503,
    status: 'unavailable',
    dependencies: { postgres: 'down', redis: 'up' },
  });
  expect(JSON.stringify(waiting)).toContain('run `npm run migrate`');
  expect((await fetch(`${worker.url}/healthz`)).status).toBe(200);
  expect(await system.laneCounts()).toMatchObject({ wait: 3, active: 0 });

  await migrate(databaseUrl);

  await untilReady(worker);
  expect(await system.outcomeAtRest()).toEqual(eachOnce(15));
});

test('a worker that waits for the schema ends at once when it is told to', async () => {
  const databaseUrl = await createEmptyDatabase();
  const system = await openTestSystem({ databaseUrl, redisUrl: 'redis://127.0.0.1:1' });
  closers.push(() => system.close());
  const worker = await system.startWorker();
  const since = performance.now();
  expect(await worker.stop()).toBe(0);
  expect(performance.now() - since).toBeLessThan(5000);
});
