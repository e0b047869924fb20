import type { Batch } from '@event-tracker/domain';
import { until } from '@event-tracker/testing';
import { afterAll, afterEach, beforeAll, beforeEach, expect, test } from '@jest/globals';
import { type Consumer, startFastLaneConsumer } from '../src/index.ts';
import { aBatch, openTestLane, type TestLane } from './support/test-lane.ts';

let stores: TestLane;
let consumers: Consumer[] = [];

beforeAll(async () => {
  stores = await openTestLane({ appendfsync: 'everysec' });
  await until(() => stores.lane.health().then(() => true));
});
beforeEach(() => stores.lane.queue.obliterate({ force: true }));
afterEach(async () => {
  await Promise.all(consumers.map((consumer) => consumer.close(5000)));
  consumers = [];
});
afterAll(() => stores.close());

function consume(process: (batch: Batch) => Promise<void>, jobsHeldMax = 4): Consumer {
  const consumer = startFastLaneConsumer({ redis: stores.redis, jobsHeldMax, process, onError: () => {} });
  consumers.push(consumer);
  return consumer;
}

const counts = () => stores.lane.queue.getJobCounts('wait', 'active', 'delayed', 'failed', 'completed');

test('a batch is delivered as it was put on the lane', async () => {
  const batch = aBatch(5, { acknowledged: 3 });
  await stores.lane.submit(batch);
  const delivered: Batch[] = [];
  consume(async (one) => void delivered.push(one));
  await until(async () => (await counts()).completed === 1);
  expect(delivered).toEqual([batch]);
});

test('a batch that is rejected comes again until it is taken', async () => {
  await stores.lane.submit(aBatch());
  let deliveries = 0;
  consume(async () => {
    deliveries += 1;
    if (deliveries < 4) throw new Error('PostgreSQL is away');
  });
  await until(async () => (await counts()).completed === 1);
  expect(deliveries).toBe(4);
});

test('a payload that is no batch stays among the failed jobs, whole, and keeps nothing else back', async () => {
  const payload = { version: 99, id: aBatch().id, producer: aBatch().id, acknowledged: 0, count: 1 };
  await stores.lane.queue.add('of a later version', payload, { jobId: 'later.1' });
  await stores.lane.queue.add('of nobody', 'nonsense', { jobId: 'nonsense.1' });
  await stores.lane.submit(aBatch());
  consume(async () => {});
  await until(async () => (await counts()).completed === 1 && (await counts()).failed === 2);
  expect((await stores.lane.queue.getJob('later.1'))?.data).toEqual(payload);
  expect((await stores.lane.queue.getJob('later.1'))?.failedReason).toContain('version 99');
});

test('no more batches are held at a time than may be', async () => {
  for (let batches = 0; batches < 10; batches += 1) await stores.lane.submit(aBatch());
  let held = 0;
  let heldMost = 0;
  const release = Promise.withResolvers<void>();
  consume(async () => {
    held += 1;
    heldMost = Math.max(heldMost, held);
    await release.promise;
    held -= 1;
  }, 3);
  await until(() => held === 3);
  release.resolve();
  await until(async () => (await counts()).completed === 10);
  expect(heldMost).toBe(3);
});

test('a consumer that closes settles what it holds and takes nothing more', async () => {
  for (let batches = 0; batches < 10; batches += 1) await stores.lane.submit(aBatch());
  let held = 0;
  const release = Promise.withResolvers<void>();
  const consumer = consume(async () => {
    held += 1;
    await release.promise;
  }, 3);
  await until(() => held === 3);
  const closed = consumer.close(10_000);
  release.resolve();
  await closed;
  expect(held).toBe(3);
  expect(await counts()).toMatchObject({ completed: 3, active: 0, wait: 7 });
});

test('a consumer does not wait longer than the limit for a batch that hangs', async () => {
  await stores.lane.submit(aBatch());
  const release = Promise.withResolvers<void>();
  let held = 0;
  const consumer = consume(async () => {
    held += 1;
    await release.promise;
  });
  await until(() => held === 1);
  const since = performance.now();
  await consumer.close(300);
  expect(performance.now() - since).toBeLessThan(2000);
  expect(await counts()).toMatchObject({ active: 1 });
  release.resolve();
});
