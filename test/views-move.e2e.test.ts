import {
  asAdmin,
  createTestDatabase,
  startApi,
  startTestRedis,
  startTestViewsRedis,
  startWorker,
  type TestProcess,
  until,
  untilReady,
} from '@event-tracker/testing';
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { Redis } from 'ioredis';
import pg from 'pg';
import { differences } from './compare-stores.ts';
import type { SentEvent } from './model.ts';
import { randomEvents, seededRandom } from './random-events.ts';
import { sendUntilAccepted } from './send-events.ts';

const dayMs = 24 * 3_600_000;

const closers: (() => unknown)[] = [];
let database: pg.Client;
let lane: Redis;
let views: Redis;
/** Of one Redis for all, and of two. */
let one: Record<string, string>;
let two: Record<string, string>;
const running = new Set<TestProcess>();

beforeAll(async () => {
  const testDatabase = await createTestDatabase();
  closers.push(() => testDatabase.drop());
  const [laneStore, viewStore] = await Promise.all([startTestRedis(), startTestViewsRedis()]);
  closers.push(() => Promise.all([laneStore.stop(), viewStore.stop()]));
  database = new pg.Client(testDatabase.url);
  await database.connect();
  closers.push(() => database.end());
  [lane, views] = [new Redis(laneStore.url), new Redis(viewStore.url)];
  closers.push(() => [lane, views].map((redis) => redis.disconnect()));
  one = { DATABASE_URL: testDatabase.url, REDIS_URL: laneStore.url };
  two = { ...one, VIEWS_REDIS_URL: viewStore.url };
  closers.push(() => Promise.all([...running].map((process) => process.stop())));
});
afterAll(async () => {
  for (const close of closers.reverse()) await close();
});

async function begin(starting: Promise<TestProcess>): Promise<TestProcess> {
  const process = await starting;
  running.add(process);
  await untilReady(process);
  return process;
}

async function end(process: TestProcess): Promise<void> {
  running.delete(process);
  await process.stop();
}

const component = 4711;
/** The clicks of a day on one component: the answer, and the store that gave it. */
async function clicks(api: TestProcess) {
  const response = await fetch(
    `${api.url}/api/statistics?eventType=CLICK&componentId=${component}&window=24h`,
  );
  const { count } = (await response.json()) as { count: number };
  return { count, servedBy: response.headers.get('x-served-by') };
}

const servedBy = (api: TestProcess, source: string) =>
  until(async () => (await clicks(api)).servedBy === source, {
    what: `answers of ${source}`,
    limitMs: 30_000,
  });

const leftovers = async () => (await lane.keys('*')).filter((key) => /^(view|cache):/.test(key));

async function untilAtRest(api: TestProcess, received: number): Promise<void> {
  await until(
    async () => {
      const answer = await fetch(`${api.url}/admin/ledger`, { headers: asAdmin });
      const books = (await answer.json()) as Record<string, unknown>;
      return books.balanced === true && books.inFlight === 0 && books.received === received;
    },
    { limitMs: 60_000, what: 'books at rest' },
  );
}

const untilViewsAreRight = async (redis: Redis) => {
  const wrong = () => differences(database, redis, Date.now() - dayMs);
  await until(async () => (await wrong()).length === 0, { limitMs: 30_000 }).catch(async () =>
    expect(await wrong()).toEqual([]),
  );
};

test('views move to a Redis of their own, and back, under traffic and process by process, and no answer is wrong', async () => {
  const random = seededRandom(14);
  const click: SentEvent = {
    eventType: 'CLICK',
    userId: 1,
    sessionId: 'known',
    metadata: { componentId: component },
    occurredAt: new Date().toISOString(),
  };
  const [firstApi, firstWorker] = await Promise.all([begin(startApi(one)), begin(startWorker(one))]);
  await sendUntilAccepted([firstApi.url], [click, click, click]);
  await servedBy(firstApi, 'redis');
  await until(async () => (await clicks(firstApi)).count === 3);

  let over = false;
  let flows = true;
  let sent = 3;
  let urls = [firstApi.url];
  const wrong: unknown[] = [];
  const apis = new Set([firstApi]);
  const send = async () => {
    while (flows) {
      const events = randomEvents(random, 20, Date.now());
      await sendUntilAccepted(urls, events);
      sent += events.length;
    }
  };
  let traffic = send();
  const reader = (async () => {
    while (!over) {
      for (const api of apis) {
        const answer = await clicks(api).catch(() => undefined);
        if (answer && answer.count !== 3) wrong.push(answer);
      }
    }
  })();

  const endTraffic = () => {
    over = true;
    flows = false;
    return Promise.all([traffic, reader]);
  };
  // Also after a failure, while there is an API that takes events.
  closers.push(endTraffic);

  const [secondApi, secondWorker] = await Promise.all([begin(startApi(two)), begin(startWorker(two))]);
  apis.add(secondApi);
  urls = [firstApi.url, secondApi.url];
  // The first worker keeps the views where they were, for as long as it runs: what the second one adds up is shown there.
  await servedBy(firstApi, 'redis');
  expect((await clicks(secondApi)).servedBy).toBe('postgres');
  const before = sent;
  await until(() => sent > before + 500);
  flows = false;
  await traffic;
  await untilAtRest(secondApi, sent);
  await untilViewsAreRight(lane);
  expect((await clicks(firstApi)).servedBy).toBe('redis');
  expect((await clicks(secondApi)).servedBy).toBe('postgres');
  expect(await views.exists('view:{component}:complete')).toBe(0);

  flows = true;
  traffic = send();
  await end(firstWorker);
  await servedBy(secondApi, 'redis');
  await servedBy(firstApi, 'postgres');
  // Its API may look into them still.
  expect((await leftovers()).length).toBeGreaterThan(0);

  apis.delete(firstApi);
  urls = [secondApi.url];
  await end(firstApi);
  await until(async () => (await leftovers()).length === 0, {
    limitMs: 60_000,
    what: 'the end of the leftovers',
  });
  expect((await clicks(secondApi)).servedBy).toBe('redis');

  // The way back.
  const thirdWorker = await begin(startWorker(one));
  const thirdApi = await begin(startApi(one));
  apis.add(thirdApi);
  await end(secondWorker);
  await servedBy(thirdApi, 'redis');
  await endTraffic();
  await untilAtRest(thirdApi, sent);
  await untilViewsAreRight(lane);
  expect(wrong).toEqual([]);

  // And forth again: what was shown there before is made anew.
  await end(thirdWorker);
  await begin(startWorker(two));
  await servedBy(secondApi, 'redis');
  await untilViewsAreRight(views);
  expect((await clicks(secondApi)).count).toBe(3);
}, 240_000);
