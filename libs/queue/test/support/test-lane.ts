import { startTestRedis, type TestStore } from '@event-tracker/testing';
import { Redis } from 'ioredis';
import { createFastLane, type FastLane } from '../../src/index.ts';

export interface TestLane {
  store: TestStore;
  /** Waits for Redis; for looking into the lane, and for consumers. */
  redis: Redis;
  lane: FastLane;
  close(): Promise<void>;
}

/** How long the lane's Redis may take over a command, in milliseconds. */
export const commandTimeoutMs = 500;

/** A fast lane on a Redis of the test file's own, connected as the API connects it. */
export async function openTestLane(settings?: Record<string, string | number>): Promise<TestLane> {
  const store = await startTestRedis(settings);
  const redis = new Redis(store.url, { maxRetriesPerRequest: null });
  const producer = new Redis(store.url, {
    enableOfflineQueue: false,
    maxRetriesPerRequest: 0,
    connectTimeout: 1000,
    commandTimeout: commandTimeoutMs,
    retryStrategy: () => 50,
  });
  for (const connection of [redis, producer]) connection.on('error', () => {});
  const lane = createFastLane({
    redis: producer,
    completedJobsMax: 100,
    queueEventsMax: 100,
    onError: () => {},
  });
  return {
    store,
    redis,
    lane,
    async close() {
      await lane.close();
      producer.disconnect();
      redis.disconnect();
      await store.stop();
    },
  };
}
