import { LaneUnavailable } from '@event-tracker/domain';
import { until } from '@event-tracker/testing';
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { decodeBatch, readFastLane } from '../src/index.ts';
import { aBatch, commandTimeoutMs, openTestLane, type TestLane } from './support/test-lane.ts';

let stores: TestLane;

beforeAll(async () => {
  stores = await openTestLane();
  await until(() => isHealthy());
});
afterAll(() => stores.close());

const isHealthy = () =>
  stores.lane.health().then(
    () => true,
    () => false,
  );

test('a batch is one job, whole, described by its name', async () => {
  const batch = aBatch(3, { acknowledged: 12 });
  await stores.lane.submit(batch);
  const job = await stores.lane.queue.getJob(`${batch.id}.3`);
  expect(job?.name).toBe('3 events: 3 CLICK');
  expect(decodeBatch(job?.data)).toEqual(batch);
});

test('a batch that is put on the lane again is one job still', async () => {
  const batch = aBatch();
  await stores.lane.submit(batch);
  await Promise.all([stores.lane.submit(batch), stores.lane.submit(batch)]);
  const lane = await readFastLane(stores.redis);
  expect(lane.get(batch.id)).toBe(1);
  expect(await stores.lane.queue.getJobCountByTypes('wait')).toBe(lane.size);
});

test('a lane whose Redis was killed refuses at once, and takes batches again when it is back', async () => {
  const before = aBatch();
  await stores.lane.submit(before);
  await stores.store.kill();

  const since = performance.now();
  await expect(stores.lane.submit(aBatch())).rejects.toThrow(LaneUnavailable);
  expect(performance.now() - since).toBeLessThan(commandTimeoutMs);
  await expect(stores.lane.health()).rejects.toThrow();

  await stores.store.start();
  await until(isHealthy);
  await stores.lane.submit(aBatch());
  expect((await readFastLane(stores.redis)).has(before.id)).toBe(true);
});

test('a lane whose Redis hangs refuses after the time-out, and takes the same batch again when it goes on', async () => {
  const batch = aBatch();
  stores.store.pause();
  try {
    const since = performance.now();
    await expect(stores.lane.submit(batch)).rejects.toThrow(LaneUnavailable);
    expect(performance.now() - since).toBeLessThan(3 * commandTimeoutMs);
  } finally {
    stores.store.resume();
  }
  await until(isHealthy);
  await stores.lane.submit(batch);
  expect((await readFastLane(stores.redis)).get(batch.id)).toBe(1);
});
