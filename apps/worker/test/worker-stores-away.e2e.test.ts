import {
  startTestPostgres,
  startTestRedis,
  type TestProcess,
  type TestStore,
  until,
  untilReady,
} from '@event-tracker/testing';
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { eachOnce, openTestSystem, type TestSystem } from './support/test-system.ts';

const closers: (() => unknown)[] = [];
let postgres: TestStore;
let redis: TestStore;
let system: TestSystem;
let worker: TestProcess;
let put = 0;

beforeAll(async () => {
  [postgres, redis] = await Promise.all([startTestPostgres(), startTestRedis()]);
  closers.push(
    () => postgres.stop(),
    () => redis.stop(),
  );
  system = await openTestSystem({ databaseUrl: postgres.url, redisUrl: redis.url });
  closers.push(() => system.close());
});
afterAll(async () => {
  for (const close of closers.reverse()) await close();
});

async function putOnLane(batches: number): Promise<void> {
  await system.putOnLane(batches, 10);
  put += batches * 10;
}

const readiness = async () => (await fetch(`${worker.url}/readyz`)).json();
const isUnavailable = async () => (await fetch(`${worker.url}/readyz`)).status === 503;

test('a worker that starts while both stores are away stays up, says so, and takes up work when they come', async () => {
  await putOnLane(5);
  await Promise.all([postgres.shutDown(), redis.shutDown()]);
  worker = await system.startWorker();
  expect((await fetch(`${worker.url}/healthz`)).status).toBe(200);
  await until(isUnavailable);
  expect(await readiness()).toMatchObject({ dependencies: { postgres: 'down', redis: 'down' } });

  await redis.start();
  await until(isUnavailable);
  await postgres.start();

  await untilReady(worker);
  expect(await system.outcomeAtRest()).toEqual(eachOnce(put));
});

test('a worker survives a PostgreSQL that is killed in the middle of its commits, which count once', async () => {
  const release = await system.lock('pending_entry');
  await putOnLane(10);
  await until(async () => (await system.commitsWaiting()) > 0);
  await postgres.kill();
  await release();
  await until(isUnavailable);
  await postgres.start();
  await untilReady(worker);
  expect(await system.outcomeAtRest()).toEqual(eachOnce(put));
});

test('a worker whose Redis is killed commits what it holds, survives, and counts it once', async () => {
  const before = put;
  const release = await system.lock('pending_entry');
  await putOnLane(10);
  await until(async () => (await system.commitsWaiting()) > 0);
  await redis.kill();
  await release();
  await until(async () => (await system.outcome()).received > before);
  await redis.start();
  await untilReady(worker);
  expect(await system.outcomeAtRest()).toEqual(eachOnce(put));
});
