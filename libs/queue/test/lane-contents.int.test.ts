import { until } from '@event-tracker/testing';
import { afterAll, beforeAll, beforeEach, expect, test } from '@jest/globals';
import {
  createQuarantine,
  fastLaneName,
  jobIdOf,
  lanePrefix,
  measureFastLane,
  readFastLane,
  readQuarantine,
  startFastLaneConsumer,
} from '../src/index.ts';
import { aBatch } from './support/a-batch.ts';
import { heldAtWill } from './support/consumer-contract.ts';
import { openTestLane, type TestLane } from './support/test-lane.ts';

let stores: TestLane;

beforeAll(async () => {
  stores = await openTestLane({ appendfsync: 'everysec' });
  await until(() => stores.lane.health().then(() => true));
});
beforeEach(() => stores.lane.queue.obliterate({ force: true }));
afterAll(() => stores.close());

test('an empty lane has no batches and no backlog', async () => {
  expect(await readFastLane(stores.redis)).toEqual(new Map());
  expect(await measureFastLane(stores.redis, Date.now())).toEqual({ waiting: 0, oldestSeconds: 0 });
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
    held: heldAtWill(),
    process: async (batch) => (batch.id === held!.id ? release.promise : undefined),
    bury: async () => {},
    quarantine: async () => {},
    onError: () => {},
  });
  await until(async () => (await queue.getActiveCount()) === 1 && (await queue.getCompletedCount()) === 1);
  await stores.lane.submit(waiting!);
  await queue.add('later', {}, { jobId: jobIdOf(delayed!), delay: 60_000 });

  const contents = await readFastLane(stores.redis);
  const measure = await measureFastLane(stores.redis, Date.now());
  release.resolve();
  await consumer.close(5000);

  expect(contents).toEqual(
    new Map([waiting!, held!, delayed!, failed!].map((batch) => [batch.id, batch.events.length])),
  );
  expect(measure.waiting).toBe(1 + 3);
});

const at = Date.UTC(2026, 0, 1);

/** A job's id of a batch that was made so many seconds before `at`. */
function jobId(index: number, events: number, secondsAgo: number): string {
  const made = (at - secondsAgo * 1000).toString(16).padStart(12, '0');
  return `${made.slice(0, 8)}-${made.slice(8)}-7000-8000-${String(index).padStart(12, '0')}.${events}`;
}

test('more than a thousand batches are measured by a sample that holds the oldest', async () => {
  const jobIds = Array.from({ length: 3000 }, (_, index) => jobId(index, index % 2 === 0 ? 5 : 9, index));
  await stores.redis.lpush(`${lanePrefix}:${fastLaneName}:wait`, ...jobIds.reverse());
  expect(await measureFastLane(stores.redis, at)).toEqual({ waiting: 3000 * 7, oldestSeconds: 2999 });
});

test.each(['wait', 'paused', 'active', 'delayed'])(
  'the age of the lane is that of its oldest batch that is not completed: %s',
  async (state) => {
    const key = `${lanePrefix}:${fastLaneName}:${state}`;
    await stores.redis.lpush(`${lanePrefix}:${fastLaneName}:wait`, jobId(1, 1, 3));
    await stores.redis.zadd(`${lanePrefix}:${fastLaneName}:completed`, 1, jobId(2, 1, 1000));
    if (state === 'delayed') await stores.redis.zadd(key, at, jobId(3, 2, 7.5));
    else await stores.redis.lpush(key, jobId(3, 2, 7.5));
    const waiting = state === 'active' ? 1 : 3;
    expect(await measureFastLane(stores.redis, at)).toEqual({ waiting, oldestSeconds: 7.5 });
  },
);

test('a batch from a clock that is ahead is new', async () => {
  await stores.redis.lpush(`${lanePrefix}:${fastLaneName}:wait`, jobId(1, 1, -60));
  expect(await measureFastLane(stores.redis, at)).toEqual({ waiting: 1, oldestSeconds: 0 });
});

test('what is in the quarantine is told apart from the lane', async () => {
  const { redis } = stores;
  const quarantine = createQuarantine({ redis, completedJobsMax: 10, queueEventsMax: 10, onError: () => {} });
  const batch = aBatch(4);
  const job = { key: jobIdOf(batch), name: '4 events', data: {}, createdAt: 1000, attempts: 1, stalls: 2 };
  await Promise.all([quarantine.put(job), quarantine.put(job)]);
  expect(await readQuarantine(redis)).toEqual(new Map([[batch.id, 4]]));
  expect(await readFastLane(redis)).toEqual(new Map());
  await quarantine.close();
});
