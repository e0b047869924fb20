import { LaneUnavailable } from '@event-tracker/domain';
import { until } from '@event-tracker/testing';
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { aBatch } from './support/a-batch.ts';
import { openTestLane, type TestLane } from './support/test-lane.ts';

let stores: TestLane;

beforeAll(async () => {
  stores = await openTestLane({ appendonly: 'no' });
});
afterAll(() => stores.close());

/** Why the lane is not healthy; empty when it is. */
const refusal = () =>
  stores.lane.health().then(
    () => '',
    (cause: Error) => cause.message,
  );

test('a Redis without an append-only file is refused, with the reason, until it has one', async () => {
  await until(async () => (await refusal()).includes('append-only file'));
  await expect(stores.lane.submit(aBatch())).rejects.toThrow(LaneUnavailable);
  await expect(stores.lane.submit(aBatch())).rejects.toThrow('set `appendonly yes`');

  await stores.redis.config('SET', 'appendonly', 'yes');
  await until(async () => /aof_rewrite_in_progress:0/.test(await stores.redis.info('persistence')));
  expect(await refusal()).toBe('');
  await stores.lane.submit(aBatch());
});
