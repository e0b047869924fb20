import { until } from '@event-tracker/testing';
import { afterAll, afterEach, beforeAll, expect, test } from '@jest/globals';
import { click, expectStatus, get, post } from './requests.ts';
import { startTracker, type Tracker } from './tracker.ts';

const eventId = '0198c0de-0000-7000-8000-00000000000c';

let tracker: Tracker;

beforeAll(async () => {
  tracker = await startTracker({ worker: true });
});

afterEach(() => tracker.redis.resume());

afterAll(() => tracker.stop());

const count = async () => {
  const query = { eventType: 'CLICK', componentId: 1002 };
  return (await get<{ count: number }>(`${tracker.url}/api/statistics`, query)).body.count;
};

test('while Redis hangs an event is acknowledged by PostgreSQL, and counts once though both may have it', async () => {
  await expectStatus(post(`${tracker.url}/api/events`, click()), 202);
  tracker.redis.pause();
  const sentAt = performance.now();
  await expectStatus(post(`${tracker.url}/api/events`, click({ eventId })), 202);
  expect(performance.now() - sentAt).toBeLessThan(1500);

  tracker.redis.resume();
  await until(async () => (await post(`${tracker.url}/api/events`, click({ eventId }))).status === 202);
  await until(async () => (await get(`${tracker.url}/admin/ledger`)).body.inFlight === 0);
  await until(async () => (await count()) === 2);
  expect((await get(`${tracker.url}/admin/ledger`)).body).toMatchObject({
    stored: 2,
    missing: 0,
    balanced: true,
  });
});

test('a hung Redis is seen', async () => {
  tracker.redis.pause();
  const readiness = await expectStatus(fetch(`${tracker.url}/readyz`), 200);
  expect(readiness).toMatchObject({ status: 'degraded', dependencies: { redis: 'down', postgres: 'up' } });
  expect(readiness.reasons).toEqual([expect.stringMatching(/^redis: /)]);
});

test('while Redis hangs PostgreSQL answers, and who asks next does not wait', async () => {
  tracker.redis.pause();
  const beganAt = performance.now();
  const waits: number[] = [];
  while (waits.length < 20) {
    const askedAt = performance.now();
    expect(await get(`${tracker.url}/api/statistics`, { eventType: 'CLICK', componentId: 1002 })).toEqual({
      body: { count: 2 },
      servedBy: 'postgres',
    });
    waits.push(performance.now() - askedAt);
  }
  expect(waits[0]).toBeLessThan(1500);
  // Ten seconds if each waited its half second; a try a second is what is left.
  expect(performance.now() - beganAt).toBeLessThan(5000);
});

test('the API is ready again by itself', async () => {
  await until(async () => (await fetch(`${tracker.url}/readyz`)).status === 200);
  await until(async () => (await post(`${tracker.url}/api/events`, click())).status === 202);
});
