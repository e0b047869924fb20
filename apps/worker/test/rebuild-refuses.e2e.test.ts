import { readRunningStores } from '@event-tracker/runtime';
import {
  createTestDatabase,
  startTestRedis,
  type TestDatabase,
  type TestStore,
} from '@event-tracker/testing';
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { runRebuild } from './support/run-rebuild.ts';

/** Nothing listens there. */
const awayPostgres = 'postgres://user:secret@127.0.0.1:1/none';
const awayRedis = 'redis://:secret@127.0.0.1:1';

let database: TestDatabase;
let redis: TestStore;

beforeAll(async () => {
  [database, redis] = await Promise.all([createTestDatabase(), startTestRedis()]);
});
afterAll(async () => {
  await redis.stop();
  await database.drop();
});

// With an `npm start` in this checkout there always is a store.
const whenNothingRuns = readRunningStores() ? test.skip : test;

whenNothingRuns('a rebuild without stores names the variables that say where they are', async () => {
  const { code, errors } = await runRebuild({});
  expect(code).toBe(1);
  expect(errors).toContain('DATABASE_URL: is not set');
  expect(errors).toContain('REDIS_URL: is not set');
});

test.each([
  ['PostgreSQL', () => ({ DATABASE_URL: awayPostgres, REDIS_URL: redis.url })],
  ['Redis', () => ({ DATABASE_URL: database.url, REDIS_URL: awayRedis })],
])('a rebuild while %s is away ends with a message and not with success', async (store, env) => {
  const { code, output, errors } = await runRebuild(env());
  expect(code).toBe(1);
  expect(errors).toBe(`The views could not be made anew: ${store}: connect ECONNREFUSED 127.0.0.1:1\n`);
  expect(output).toBe('');
});

test('a rebuild while Redis hangs ends with a message', async () => {
  redis.pause();
  try {
    const { code, errors } = await runRebuild({ DATABASE_URL: database.url, REDIS_URL: redis.url });
    expect(code).toBe(1);
    expect(errors).toContain('Redis: an answer took longer than');
  } finally {
    redis.resume();
  }
});
