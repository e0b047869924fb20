import { startTestPostgres, type TestStore, until } from '@event-tracker/testing';
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { click, expectProblem, expectStatus, post } from './requests.ts';
import { startTracker, type Tracker } from './tracker.ts';

const spilledMax = 10;

let postgres: TestStore;
let tracker: Tracker | undefined;

beforeAll(async () => {
  postgres = await startTestPostgres();
  tracker = await startTracker({
    databaseUrl: postgres.url,
    env: { SPILL_MAX_EVENTS: String(spilledMax), LANE_MEASURE_SECONDS_MAX: '2' },
  });
});

afterAll(async () => {
  await tracker?.stop();
  await postgres.stop();
});

test('a durable lane that filled up, and whose store went then, does not keep events from a Redis that is back', async () => {
  const { url, redis } = tracker!;
  const send = (events: number) => post(`${url}/api/events/batch`, Array.from({ length: events }, click));
  await redis.kill();
  await expectStatus(send(spilledMax), 202);
  await until(async () => (await send(1)).status === 503);
  const refused = await expectProblem(send(1), 503);
  expect(refused.detail).toMatch(/wait/);

  await postgres.kill();
  await redis.start();
  await until(async () => (await send(1)).status === 202, { limitMs: 20_000 });

  await postgres.start();
  await until(async () => (await send(1)).status === 503, { what: 'the brake of what waits still' });
});
