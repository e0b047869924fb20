import {
  createTestDatabase,
  startApi,
  startTestRedis,
  startWorker,
  type TestDatabase,
  type TestProcess,
  type TestStore,
  until,
  untilReady,
} from '@event-tracker/testing';
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import pg from 'pg';
import { createClient, type Drop } from '../src/index.ts';

const writeKey = 'a-write-key';
const closers: (() => unknown)[] = [];
let database: TestDatabase;
let redis: TestStore;
let api: TestProcess;

function startTheApi(port: string): Promise<TestProcess> {
  return startApi({ DATABASE_URL: database.url, REDIS_URL: redis.url, WRITE_KEYS: writeKey, PORT: port });
}

beforeAll(async () => {
  database = await createTestDatabase();
  closers.push(() => database.drop());
  redis = await startTestRedis();
  closers.push(() => redis.stop());
  api = await startTheApi('0');
  closers.push(() => api.stop());
  const worker = await startWorker({ DATABASE_URL: database.url, REDIS_URL: redis.url });
  closers.push(() => worker.stop());
  await Promise.all([untilReady(api), untilReady(worker)]);
});

afterAll(async () => {
  for (const close of closers.reverse()) await close();
});

const ask = async <Row extends object>(sql: string, values: unknown[] = []): Promise<Row[]> => {
  const client = new pg.Client(database.url);
  await client.connect();
  const { rows } = await client.query<Row>(sql, values);
  await client.end();
  return rows;
};

test('every event is stored once although the API is killed, stays away for a while, and comes back', async () => {
  const drops: Drop[] = [];
  let failures = 0;
  const client = createClient({
    url: api.url,
    writeKey,
    batchEventsMax: 20,
    lingerMs: 5,
    onDrop: (drop) => drops.push(drop),
    onRetry: () => {
      failures += 1;
    },
  });
  const ids: string[] = [];
  const track = (count: number) => {
    for (let at = 0; at < count; at += 1) {
      ids.push(client.track({ eventType: 'CLICK', sessionId: 'sdk', metadata: { componentId: 1002 } }));
    }
  };

  track(500);
  await until(() => client.pending() < 400, { what: 'the first batches' });
  api.signal('SIGKILL');
  await api.ended;
  track(500);
  await until(() => failures > 0, { what: 'a failed attempt' });
  api = await startTheApi(new URL(api.url).port);
  await client.close(20_000);

  expect(drops).toEqual([]);
  const stored = async () =>
    ask<{ event_id: string }>(`select event_id from event where session_id = 'sdk' order by event_id`);
  await until(async () => (await stored()).length >= ids.length, { what: 'the storing of every event' });
  expect((await stored()).map(({ event_id }) => event_id)).toEqual([...ids].sort());
});

test('what the API refuses is told with the path of the field, and the rest of the batch is stored', async () => {
  const drops: Drop[] = [];
  const client = createClient({ url: api.url, writeKey, onDrop: (drop) => drops.push(drop) });
  const search = { eventType: 'SEARCH', sessionId: 'sdk-mixed' } as const;
  client.track({ ...search, metadata: { componentId: 1001, keyword: 'tea' } });
  const blank = client.track({ ...search, metadata: { componentId: 1001, keyword: ' ' } });
  await client.close();
  expect(drops).toEqual([
    {
      event: expect.objectContaining({ eventId: blank }),
      reason: 'rejected',
      errors: [{ path: 'metadata.keyword', message: expect.any(String) }],
    },
  ]);
  const stored = () => ask<{ keyword: string }>(`select keyword from event where session_id = 'sdk-mixed'`);
  await until(async () => (await stored()).length > 0, { what: 'the storing of the other' });
  expect(await stored()).toEqual([{ keyword: 'tea' }]);
});
