import { setTimeout as pause } from 'node:timers/promises';
import { startTestRedis, type TestStore, until } from '@event-tracker/testing';
import { afterAll, beforeAll, beforeEach, expect, test } from '@jest/globals';
import { Redis } from 'ioredis';
import {
  type BadEvent,
  createQuarantine,
  encodeBatch,
  jobIdOf,
  type Quarantine,
  startQuarantineConsumer,
  type TrialOutcome,
} from '../src/index.ts';
import { aBatch } from './support/a-batch.ts';

let store: TestStore;
let redis: Redis;
let quarantine: Quarantine;

beforeAll(async () => {
  store = await startTestRedis({ appendfsync: 'everysec' });
  redis = new Redis(store.url, { maxRetriesPerRequest: null });
  quarantine = createQuarantine({ redis, completedJobsMax: 10, queueEventsMax: 10, onError: () => {} });
});
beforeEach(() => redis.flushall());
afterAll(async () => {
  await quarantine.close();
  redis.disconnect();
  await store.stop();
});

/** What each trial was given, and when, until the job is done. */
async function trialsOf(tryOut: (trial: number) => Promise<TrialOutcome>) {
  const batch = aBatch(3);
  const trials: { bad: readonly BadEvent[]; at: number }[] = [];
  const consumer = startQuarantineConsumer({
    redis,
    trialLimitMs: 60_000,
    storesRun: async () => 'one',
    bury: async () => {},
    onError() {},
    tryOut(_job, bad) {
      trials.push({ bad, at: performance.now() });
      return tryOut(trials.length);
    },
  });
  try {
    const job = { key: jobIdOf(batch), name: '3 events', data: encodeBatch(batch) };
    await quarantine.put({ ...job, createdAt: Date.now(), attempts: 1, stalls: 0 });
    const done = () => quarantine.queue.getJobCountByTypes('completed');
    await until(async () => (await done()) === 1, { limitMs: 30_000 });
  } finally {
    await consumer.close(5000);
  }
  return trials;
}

test('what a trial found is given to the next one, also past a trial that fails', async () => {
  const first = { at: 0, code: '57014', reason: 'too slow' };
  const second = { at: 2, code: 'XX001', reason: 'a page' };
  const trials = await trialsOf(async (trial) => {
    if (trial === 1) return { bad: [first] };
    if (trial === 2) throw new Error('PostgreSQL is away');
    return trial === 3 ? { bad: [first, second] } : 'done';
  });
  expect(trials.map(({ bad }) => bad)).toEqual([[], [first], [first], [first, second]]);
});

test('a trial that fails late is made again after nine times as long, so that it keeps its connection for a tenth of the time', async () => {
  const tookMs = 300;
  const [one, two] = await trialsOf(async (trial) => {
    if (trial > 1) return 'done';
    await pause(tookMs);
    throw new Error('an event with nothing wrong in it can not be committed either');
  });
  expect(two!.at - one!.at).toBeGreaterThan(tookMs * 9);
}, 30_000);
