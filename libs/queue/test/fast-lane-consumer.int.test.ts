import { until } from '@event-tracker/testing';
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { startFastLaneConsumer } from '../src/index.ts';
import { aBatch } from './support/a-batch.ts';
import { heldAtWill } from './support/consumer-contract.ts';
import { openTestLane, type TestLane } from './support/test-lane.ts';

const jobs = 120;
const jobsHeldMax = 64;

let stores: TestLane;

beforeAll(async () => {
  stores = await openTestLane({ appendfsync: 'everysec' });
  await until(() => stores.lane.health().then(() => true));
  for (let sent = 0; sent < jobs; sent += 1) await stores.lane.submit(aBatch(1));
});
afterAll(() => stores.close());

test('of a backlog few batches are fetched before the first is in hand, no more than allowed are held, and all are done', async () => {
  const { redis } = stores;
  const active = () => redis.llen('{lane}:events:active');
  let inHand = 0;
  let done = 0;
  let activeAtFirst: Promise<number> | undefined;
  let letGo = () => {};
  const gate = new Promise<void>((resolve) => {
    letGo = resolve;
  });
  const consumer = startFastLaneConsumer({
    redis,
    jobsHeldMax,
    held: heldAtWill(),
    async process() {
      activeAtFirst ??= active();
      inHand += 1;
      await gate;
      done += 1;
    },
    bury: async () => {},
    quarantine: async () => {},
    onError() {},
  });
  try {
    await until(() => inHand === jobsHeldMax);
    expect(await activeAtFirst).toBeLessThan(20);
    expect(await active()).toBe(jobsHeldMax);
    letGo();
    await until(async () => done === jobs && (await active()) === 0);
  } finally {
    letGo();
    await consumer.close(5000);
  }
});
