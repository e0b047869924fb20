import {
  asAdmin,
  createTestDatabase,
  poll,
  startApi,
  startTestRedis,
  startWorker,
  type TestProcess,
  until,
  untilReady,
} from '@event-tracker/testing';
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { Redis } from 'ioredis';
import pg from 'pg';
import { differences } from './compare-stores.ts';
import { modelOf } from './model.ts';
import { randomEvents, seededRandom } from './random-events.ts';
import { sendShuffled } from './send-events.ts';

const seed = 20_261_122;
const eventCount = 12_000;
const kills = 6;
/** A worker's lock lasts 5 s: what is stopped for longer wakes up as a zombie whose jobs went to others. */
const stoppedMs = 12_000;

const closers: (() => unknown)[] = [];
let env: Record<string, string>;
let database: pg.Client;
let redis: Redis;
const apis: TestProcess[] = [];
const workers: TestProcess[] = [];

beforeAll(async () => {
  const testDatabase = await createTestDatabase();
  closers.push(() => testDatabase.drop());
  const testRedis = await startTestRedis();
  closers.push(() => testRedis.stop());
  // Events without an id are sent once: a request that is given up may have been kept, so none is given up early.
  env = { DATABASE_URL: testDatabase.url, REDIS_URL: testRedis.url, REDIS_TIMEOUT_MS: '20000' };
  database = new pg.Client(testDatabase.url);
  await database.connect();
  closers.push(() => database.end());
  // Named, or tsc infers it by comparing all commands of both modes: ten seconds for each of its threads.
  redis = new Redis<'legacy'>(testRedis.url);
  closers.push(() => redis.disconnect());
  apis.push(...(await Promise.all([startApi(env), startApi(env)])));
  workers.push(...(await Promise.all([startWorker(env), startWorker(env)])));
  closers.push(() => Promise.all([...apis, ...workers].map((process) => process.stop())));
  await Promise.all([...apis, ...workers].map(untilReady));
});

afterAll(async () => {
  for (const close of closers.reverse()) await close();
});

test('every count is exact after repeats, killed workers and workers that sleep through their locks', async () => {
  const random = seededRandom(seed);
  const startedAt = Date.now();
  const events = randomEvents(random, eventCount, startedAt);
  const model = modelOf(events);

  let stopped: { worker: TestProcess; since: number } | undefined;
  let killed = 0;
  const killAndReplace = async () => {
    workers.at(-1)!.signal('SIGKILL');
    killed += 1;
    workers.push(await startWorker(env));
  };
  const trouble = trigger(random, [
    () => {
      stopped = { worker: workers[0]!, since: Date.now() };
      stopped.worker.signal('SIGSTOP');
    },
    ...Array.from({ length: kills }, () => killAndReplace),
  ]);
  const { sent } = await sendShuffled({
    urls: apis.map((api) => api.url),
    events,
    random,
    lanes: 16,
    beforeEach: trouble,
  });
  expect(killed).toBe(kills);
  await until(() => Date.now() - stopped!.since > stoppedMs, {
    what: 'the lock of the stopped worker to run out',
  });
  stopped!.worker.signal('SIGCONT');

  const ledger = await untilAtRest(apis[0]!);
  expect(ledger).toEqual({
    received: sent,
    stored: eventCount,
    duplicate: sent - eventCount,
    dead: 0,
    inFlight: 0,
    missing: 0,
    balanced: true,
  });

  const stored = await database.query<{ session_id: string }>('select session_id from event');
  const sessions = stored.rows.map((row) => row.session_id);
  expect(sessions.sort()).toEqual(events.map((event) => event.sessionId).sort());

  const { rows: likes } = await database.query<{ pair: string; at: number }>(
    "select user_id || ' ' || post_id as pair, (extract(epoch from liked_at) * 1000)::float8 as at from post_like",
  );
  expect(new Map(likes.map(({ pair, at }) => [pair, at]))).toEqual(model.likes);

  await until(async () => (await differences(database, redis, startedAt - 24 * 3_600_000)).length === 0, {
    what: 'views that equal the ledger',
  }).catch(async () => expect(await differences(database, redis, startedAt - 24 * 3_600_000)).toEqual([]));

  await expectAnswersOfModel(model, startedAt);
}, 360_000);

async function expectAnswersOfModel(model: ReturnType<typeof modelOf>, startedAt: number): Promise<void> {
  const subjects = [...new Set([...model.counts.keys()].map((key) => key.split(' ').slice(0, 2).join(' ')))];
  for (const subject of subjects) {
    const [type, name] = subject.split(' ') as ['CLICK' | 'PAGE_VIEW' | 'SEARCH', string];
    const filter = type === 'SEARCH' ? { keyword: name } : { componentId: name };
    const query = new URLSearchParams({ eventType: type, window: '24h', ...filter } as Record<
      string,
      string
    >);
    const response = await fetch(`${apis[1]!.url}/api/statistics?${query}`);
    expect([subject, response.headers.get('x-served-by'), await response.json()]).toEqual([
      subject,
      'redis',
      { count: model.countSince(type, name, startedAt - 24 * 3_600_000) },
    ]);
  }
  for (const postId of new Set([...model.likes.keys()].map((pair) => pair.split(' ')[1]!))) {
    const likes = [...model.likes.keys()].filter((pair) => pair.endsWith(` ${postId}`)).length;
    const response = await fetch(`${apis[0]!.url}/api/statistics?eventType=LIKE&window=24h&postId=${postId}`);
    expect([postId, await response.json()]).toEqual([postId, { count: likes }]);
  }
}

async function untilAtRest(api: TestProcess) {
  return poll(
    async () => {
      const ledger = (await (await fetch(`${api.url}/admin/ledger`, { headers: asAdmin })).json()) as Record<
        string,
        number
      >;
      return ledger.inFlight === 0
        ? (ledger as Record<'received' | 'duplicate' | 'stored', number>)
        : undefined;
    },
    { limitMs: 180_000, what: 'an empty lane' },
  );
}

/** Runs each of the troubles once, at some request of the first few hundred. */
function trigger(random: () => number, troubles: (() => Promise<void> | void)[]): () => Promise<void> {
  const at = new Map(
    troubles.map((trouble, index) => [10 + index * 25 + Math.floor(random() * 20), trouble]),
  );
  let requests = 0;
  return async () => {
    requests += 1;
    const trouble = at.get(requests);
    await trouble?.();
  };
}
