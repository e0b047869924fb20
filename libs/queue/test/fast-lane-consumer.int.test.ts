import { until } from '@event-tracker/testing';
import { afterAll, afterEach, beforeAll, describe, expect, test } from '@jest/globals';
import { type Consumer, startFastLaneConsumer } from '../src/index.ts';
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

describe('a lane that is empty but for what is in hand', () => {
  let consumer: Consumer;
  afterEach(() => consumer.close(5000));
  const active = () => stores.redis.llen('{lane}:events:active');
  const waiting = () => stores.redis.llen('{lane}:events:wait');
  const common = { jobsHeldMax, bury: async () => {}, quarantine: async () => {}, onError() {} };

  test('what comes is left there until it is due, and comes along with the completions then', async () => {
    const taken: number[] = [];
    let due = () => {};
    consumer = startFastLaneConsumer({
      ...common,
      redis: stores.redis,
      held: heldAtWill(),
      process: async () => void taken.push(performance.now()),
      untilDue: () =>
        new Promise((resolve) => {
          due = resolve;
        }),
    });
    await stores.lane.submit(aBatch(1));
    await until(() => taken.length === 1);
    await stores.lane.submit(aBatch(1));
    expect(await waiting()).toBe(1);
    due();
    await until(() => taken.length === 2);
    due();
    await until(async () => (await active()) === 0 && (await waiting()) === 0);
  });

  test('a batch that takes long keeps no other from being taken', async () => {
    let taken = 0;
    let letGo = () => {};
    const gate = new Promise<void>((resolve) => {
      letGo = resolve;
    });
    consumer = startFastLaneConsumer({
      ...common,
      redis: stores.redis,
      held: heldAtWill(),
      process: () => {
        taken += 1;
        return taken === 1 ? gate : Promise.resolve();
      },
      untilDue: async () => {},
    });
    await stores.lane.submit(aBatch(1));
    await until(() => taken === 1);
    for (let sent = 0; sent < 3; sent += 1) await stores.lane.submit(aBatch(1));
    await until(() => taken === 4);
    await until(async () => (await active()) === 1);
    letGo();
    await until(async () => (await active()) === 0);
  });
});
