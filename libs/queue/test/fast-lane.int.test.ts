import { until } from '@event-tracker/testing';
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { decodeBatch } from '../src/index.ts';
import { aBatch } from './support/a-batch.ts';
import { openTestLane, type TestLane } from './support/test-lane.ts';

let stores: TestLane;

beforeAll(async () => {
  stores = await openTestLane({ appendfsync: 'everysec' });
  await until(() => stores.lane.health().then(() => true));
});
afterAll(() => stores.close());

test('a batch is one job, whole, described by its name', async () => {
  const batch = aBatch(3, { acknowledged: 12 });
  await stores.lane.submit(batch);
  const job = await stores.lane.queue.getJob(`${batch.id}.3`);
  expect(job?.name).toBe('3 events: 3 CLICK');
  expect(decodeBatch(job?.data)).toEqual(batch);
});
