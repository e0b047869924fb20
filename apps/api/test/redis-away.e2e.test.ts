import { until } from '@event-tracker/testing';
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { click, expectStatus, get, post, soon } from './requests.ts';
import { startTracker, type Tracker, untilViewsAreFresh } from './tracker.ts';

let tracker: Tracker;

beforeAll(async () => {
  tracker = await startTracker();
});

afterAll(() => tracker.stop());

const count = () =>
  get<{ count: number }>(`${tracker.url}/api/statistics`, { eventType: 'CLICK', componentId: 1002 });

const untilAccepted = () =>
  until(async () => (await post(`${tracker.url}/api/events`, click())).status === 202);

test('what was acknowledged outlives a crash of Redis', async () => {
  await expectStatus(post(`${tracker.url}/api/events`, click()), 202);
  await expectStatus(post(`${tracker.url}/api/events/batch`, [click(), click()]), 202);
  await tracker.redis.kill();
  await tracker.redis.start();
  await tracker.addWorker();
  await until(async () => (await get(`${tracker.url}/admin/ledger`)).body.stored === 3);
  await untilAccepted();
  await until(async () => (await count()).body.count === 4);
});

test('while Redis is away ingest goes on and PostgreSQL answers, and afterwards all goes on', async () => {
  await untilViewsAreFresh(tracker.url);
  await tracker.redis.kill();
  expect(await expectStatus(fetch(`${tracker.url}/readyz`), 200)).toMatchObject({
    status: 'degraded',
    dependencies: { redis: 'down', postgres: 'up' },
  });
  await expectStatus(post(`${tracker.url}/api/events`, click()), 202);
  await soon(async () => expect(await count()).toEqual({ body: { count: 5 }, servedBy: 'postgres' }));
  expect((await get(`${tracker.url}/api/statistics/keywords/top`)).servedBy).toBe('postgres');

  await tracker.redis.start();
  await untilAccepted();
  await until(async () => (await count()).body.count === 6);
  await untilViewsAreFresh(tracker.url);
  await soon(async () => expect(await count()).toEqual({ body: { count: 6 }, servedBy: 'redis' }));
});
