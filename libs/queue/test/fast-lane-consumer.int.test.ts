import type { Batch } from '@event-tracker/domain';
import { until } from '@event-tracker/testing';
import { afterAll, afterEach, beforeAll, beforeEach, expect, test } from '@jest/globals';
import { type BuriedJob, type Consumer, startFastLaneConsumer } from '../src/index.ts';
import { aBatch, openTestLane, type TestLane } from './support/test-lane.ts';

let stores: TestLane;
let consumers: Consumer[] = [];
let buried: BuriedJob[] = [];

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
  const consumer = startFastLaneConsumer({
    redis: stores.redis,
    jobsHeldMax,
    process,
    bury: async (job) => void buried.push(job),
    onError: () => {},
  });
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

test('a payload that is no batch is buried with what its envelope tells, and keeps nothing else back', async () => {
  buried = [];
  const { id, producer } = aBatch();
  const payload = { version: 1, id, producer, acknowledged: 7, count: 2, events: 'none' };
  await stores.lane.queue.add('broken', payload, { jobId: `${id}.2` });
  await stores.lane.queue.add('of nobody', 'nonsense', { jobId: 'nonsense.1' });
  await stores.lane.submit(aBatch());
  consume(async () => {});
  await until(async () => (await counts()).completed === 3);
  const byId = Object.fromEntries(buried.map((job) => [job.batchId, job]));
  expect(byId[id]).toMatchObject({ producer, acknowledged: 7, count: 2, code: 'undecodable', attempts: 1 });
  expect(JSON.parse(byId[id]!.payload)).toEqual(payload);
  expect(byId.nonsense).toMatchObject({ producer: undefined, count: 1, payload: '"nonsense"' });
});

test('a batch of a later version waits for a newer worker, for an hour', async () => {
  buried = [];
  const [young, old] = [aBatch().id, aBatch().id];
  const payload = (id: string) => ({ version: 99, id, producer: id, acknowledged: 0, count: 1 });
  await stores.lane.queue.add('later', payload(young), { jobId: `${young}.1` });
  await stores.lane.queue.add('later', payload(old), {
    jobId: `${old}.1`,
    timestamp: Date.now() - 3_601_000,
  });
  consume(async () => {});
  await until(async () => (await counts()).completed === 1 && (await counts()).delayed === 1);
  expect(buried).toMatchObject([{ batchId: old, code: 'unknown-version' }]);
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
