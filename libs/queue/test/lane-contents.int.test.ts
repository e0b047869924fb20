import { until } from '@event-tracker/testing';
import { afterAll, beforeAll, beforeEach, expect, test } from '@jest/globals';
import {
  fastLaneName,
  jobIdOf,
  lanePrefix,
  measureBacklog,
  readFastLane,
  startFastLaneConsumer,
} from '../src/index.ts';
import { aBatch, openTestLane, type TestLane } from './support/test-lane.ts';

let stores: TestLane;

beforeAll(async () => {
  stores = await openTestLane({ appendfsync: 'everysec' });
  await until(() => stores.lane.health().then(() => true));
});
beforeEach(() => stores.lane.queue.obliterate({ force: true }));
afterAll(() => stores.close());

test('an empty lane has no batches and no backlog', async () => {
  expect(await readFastLane(stores.redis)).toEqual(new Map());
  expect(await measureBacklog(stores.redis)).toBe(0);
});

test('the lane tells every batch that is not completed: waiting, held, delayed or failed', async () => {
  const [waiting, held, delayed, failed, completed] = [1, 2, 3, 4, 5].map((count) => aBatch(count));
  const { queue } = stores.lane;
  await stores.redis.zadd(`${lanePrefix}:${fastLaneName}:failed`, 1, jobIdOf(failed!));
  await stores.lane.submit(completed!);
  await stores.lane.submit(held!);
  const release = Promise.withResolvers<void>();
  const consumer = startFastLaneConsumer({
    redis: stores.redis,
    jobsHeldMax: 1,
    process: async (batch) => (batch.id === held!.id ? release.promise : undefined),
    bury: async () => {},
    onError: () => {},
  });
  await until(async () => (await queue.getActiveCount()) === 1 && (await queue.getCompletedCount()) === 1);
  await stores.lane.submit(waiting!);
  await queue.add('later', {}, { jobId: jobIdOf(delayed!), delay: 60_000 });

  const contents = await readFastLane(stores.redis);
  const backlog = await measureBacklog(stores.redis);
  release.resolve();
  await consumer.close(5000);

  expect(contents).toEqual(
    new Map([waiting!, held!, delayed!, failed!].map((batch) => [batch.id, batch.events.length])),
  );
  expect(backlog).toBe(1 + 3);
});

test('the backlog of more than a thousand batches is measured by a sample', async () => {
  const jobIds = Array.from({ length: 3000 }, (_, index) => `batch${index}.${index % 2 === 0 ? 5 : 9}`);
  await stores.redis.rpush(`${lanePrefix}:${fastLaneName}:wait`, ...jobIds);
  expect(await measureBacklog(stores.redis)).toBe(3000 * 7);
});
