import {
  asAdmin,
  createTestDatabase,
  poll,
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
import { randomEvents, seededRandom } from './random-events.ts';
import { sendUntilAccepted } from './send-events.ts';

const dayMs = 24 * 3_600_000;
/** CONTRACT: views heal by themselves. A worker looks after them once a second. */
const healLimitMs = 30_000;

const closers: (() => unknown)[] = [];
let api: TestProcess;
let database: pg.Client;
let views: Redis;

beforeAll(async () => {
  const testDatabase = await createTestDatabase();
  closers.push(() => testDatabase.drop());
  const [laneStore, viewStore] = await Promise.all([startTestRedis(), startTestViewsRedis()]);
  closers.push(() => Promise.all([laneStore.stop(), viewStore.stop()]));
  database = new pg.Client(testDatabase.url);
  await database.connect();
  closers.push(() => database.end());
  views = new Redis<'legacy'>(viewStore.url);
  closers.push(() => views.disconnect());
  const env = {
    DATABASE_URL: testDatabase.url,
    REDIS_URL: laneStore.url,
    VIEWS_REDIS_URL: viewStore.url,
  };
  const processes = await Promise.all([startApi(env), startWorker(env), startWorker(env)]);
  closers.push(() => Promise.all(processes.map((process) => process.stop())));
  await Promise.all(processes.map(untilReady));
  api = processes[0]!;
});
afterAll(async () => {
  for (const close of closers.reverse()) await close();
});

/** The clicks of a day on one component: the answer, and the store that gave it. */
async function clicks() {
  const response = await fetch(`${api.url}/api/statistics?eventType=CLICK&componentId=4711&window=24h`);
  const { count } = (await response.json()) as { count: number };
  return { status: response.status, count, servedBy: response.headers.get('x-served-by') };
}

const untilServedByRedis = () =>
  poll(async () => ((await clicks()).servedBy === 'redis' ? true : undefined), {
    limitMs: healLimitMs,
    what: 'an answer from Redis',
  });

test('views that are deleted under traffic heal, and every answer meanwhile is the right one', async () => {
  const random = seededRandom(4711);
  const now = Date.now();
  const click = { eventType: 'CLICK', userId: 1, metadata: { componentId: 4711 } } as const;
  const known = Array.from({ length: 40 }, (_, index) => ({
    ...click,
    sessionId: `known ${index}`,
    occurredAt: new Date(now - index * 30 * 60_000).toISOString(),
  }));
  await sendUntilAccepted([api.url], known);
  await until(async () => (await clicks()).count === known.length);

  let healed = false;
  let sent = known.length;
  const traffic = Array.from({ length: 4 }, async () => {
    while (!healed) {
      const events = randomEvents(random, 20, Date.now());
      await sendUntilAccepted([api.url], events);
      sent += events.length;
    }
  });
  const answers: Awaited<ReturnType<typeof clicks>>[] = [];
  const reader = (async () => {
    while (!healed) answers.push(await clicks());
  })();
  for (let deletions = 0; deletions < 3; deletions += 1) {
    await untilServedByRedis();
    await views.flushdb();
  }
  await untilServedByRedis();
  healed = true;
  await Promise.all([...traffic, reader]);

  expect(answers.some(({ servedBy }) => servedBy === 'postgres')).toBe(true);
  expect(new Set(answers.map(({ status, count }) => `${status}: ${count}`))).toEqual(
    new Set([`200: ${known.length}`]),
  );
  await until(async () => {
    const ledger = (await (await fetch(`${api.url}/admin/ledger`, { headers: asAdmin })).json()) as Record<
      string,
      unknown
    >;
    return ledger.balanced === true && ledger.inFlight === 0 && ledger.received === sent;
  });
  await until(async () => (await differences(database, views, now - dayMs)).length === 0, {
    what: 'views that equal the ledger',
  }).catch(async () => expect(await differences(database, views, now - dayMs)).toEqual([]));
});
