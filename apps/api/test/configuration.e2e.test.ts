import { execFile } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { startTestRedis, type TestStore } from '@event-tracker/testing';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { click, expectStatus, post } from './requests.ts';
import { startTracker, type Tracker } from './tracker.ts';

const root = fileURLToPath(new URL('../../..', import.meta.url));

// Nobody listens there: a process must say what is wrong before it looks for its stores.
const stores = { DATABASE_URL: 'postgres://127.0.0.1:1/none', REDIS_URL: 'redis://127.0.0.1:1' };

const wrong = {
  DATABASE_URL: 'mysql://user:a-secret@127.0.0.1/none',
  REDIS_URL: 'a-secret',
  QUEUE_REDIS_URL: 'http://a-secret@127.0.0.1',
  LOG_LEVEL: 'loud',
};
const wrongOfApi = {
  ...wrong,
  PORT: '65536',
  BACKLOG_MAX_EVENTS: '-1',
  BATCH_EVENTS_MAX: '0',
  HEADERS_TIMEOUT_MS: '90000',
  BODIES_BYTES_MAX: '1024',
};
const wrongOfWorker = { ...wrong, WORKER_PORT: 'any', WORKER_JOBS_MAX: '1.5', BATCH_HOURS: '1' };

/** Runs a process to its end; how it ended, and what it said. */
function run(app: 'api' | 'worker', env: Record<string, string>) {
  return new Promise<{ code: number; said: string }>((resolve) => {
    execFile(
      process.execPath,
      [`apps/${app}/src/main.ts`],
      { cwd: root, env: { PATH: process.env.PATH, ...stores, ...env }, timeout: 20_000 },
      (cause, stdout, stderr) => resolve({ code: Number(cause?.code ?? 0), said: stdout + stderr }),
    );
  });
}

describe.each([
  ['api', wrongOfApi],
  ['worker', wrongOfWorker],
] as const)('the %s', (app, wrongEnv) => {
  test('refuses to start on invalid configuration, and names each wrong variable', async () => {
    const { code, said } = await run(app, wrongEnv);
    expect(code).toBe(1);
    for (const variable of Object.keys(wrongEnv))
      expect(said).toMatch(new RegExp(`^\\s*${variable}: must be .+`, 'm'));
    expect(said).not.toMatch(/a-secret|node_modules|\bat \S+ \(/);
  });
});

test('what is right is not named', async () => {
  const { said } = await run('api', { LOG_LEVEL: 'loud' });
  expect(said).toContain('LOG_LEVEL');
  expect(said).not.toMatch(/PORT|_URL|_MAX/);
});

describe('with stores', () => {
  let tracker: Tracker;
  let queueRedis: TestStore;

  beforeAll(async () => {
    [tracker, queueRedis] = await Promise.all([startTracker(), startTestRedis()]);
  });

  afterAll(async () => {
    await tracker.stop();
    await queueRedis.stop();
  });

  test('a port that is taken is told, and the API ends', async () => {
    const { code, said } = await run('api', { PORT: new URL(tracker.url).port });
    expect(code).toBe(1);
    expect(said).toContain('EADDRINUSE');
  });

  test('an empty variable is one that is not set', async () => {
    const { url } = await tracker.addApi({ BACKLOG_MAX_EVENTS: '', WRITE_KEYS: '', QUEUE_REDIS_URL: '' });
    await expectStatus(post(`${url}/api/events`, click()), 202);
  });

  test('QUEUE_REDIS_URL moves the events to a Redis of their own', async () => {
    const { url } = await tracker.addApi({ QUEUE_REDIS_URL: queueRedis.url });
    await tracker.redis.shutDown();
    await expectStatus(post(`${url}/api/events`, click()), 202);
    await tracker.redis.start();
  });
});
