import { randomBytes } from 'node:crypto';
import {
  createTestDatabase,
  peakMemory,
  startTestRedis,
  type TestDatabase,
  type TestStore,
  until,
} from '@event-tracker/testing';
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { aBatch, eachOnce, openTestSystem, type TestSystem } from './support/test-system.ts';

const limit = 512 * 1_048_576;
const batches = 400;
const eventsEach = 500;
const putAtOnce = 8;
/** Less than 4 KiB as JSON. */
const textBytes = 4000;

let database: TestDatabase;
let redis: TestStore;
let system: TestSystem;

beforeAll(async () => {
  database = await createTestDatabase();
  redis = await startTestRedis({ appendfsync: 'everysec' });
  system = await openTestSystem({ databaseUrl: database.url, redisUrl: redis.url });
}, 60_000);

afterAll(async () => {
  await system?.close();
  await redis?.stop();
  await database?.drop();
}, 60_000);

/** Batches whose events carry all the properties that they may; text that does not compress. */
async function putHeavyBatches(): Promise<void> {
  await until(() => system.lane.health().then(() => true));
  for (let put = 0; put < batches; put += putAtOnce)
    await Promise.all(
      Array.from({ length: putAtOnce }, () => {
        const batch = aBatch(eventsEach);
        for (const event of batch.events)
          event.properties = { text: randomBytes(textBytes / 2).toString('hex') };
        return system.lane.submit(batch);
      }),
    );
}

test('a backlog of 200,000 events with 4 KiB of properties each is stored by a worker of 512 MiB', async () => {
  await putHeavyBatches();
  const worker = await system.startWorker({ NODE_OPTIONS: '--max-old-space-size=512' });
  await until(async () => (await system.laneCounts()).wait < batches / 2, { limitMs: 300_000 });
  await until(async () => (await system.outcome()).stored === batches * eventsEach, { limitMs: 300_000 });
  expect(await system.outcomeAtRest()).toEqual(eachOnce(batches * eventsEach));
  if (process.platform === 'linux') expect(peakMemory(worker)).toBeLessThan(limit);
}, 700_000);
