import {
  createTestDatabase,
  startApi,
  startTestRedis,
  startTestViewsRedis,
  startWorker,
  type TestProcess,
  type TestStore,
  until,
} from '@event-tracker/testing';
import { expect } from '@jest/globals';
import { Redis } from 'ioredis';
import pg from 'pg';
import { untilAtRest, wrongAtRest } from '../../at-rest.ts';
import { modelOf, type SentEvent } from '../../model.ts';
import { randomEvents, seededRandom } from '../../random-events.ts';
import { type CrashPoint, crashAt } from './crash-point.ts';

const dayMs = 24 * 3_600_000;
const restLimitMs = 135_000;
const deathLimitMs = 60_000;
/** Of half of the pairs a state stands before, so that a commit writes new ones and changes others. */
const somePairsKnown = `
  insert into like_state (post_id, user_id, liked, occurred_at, event_id)
  select post_id, user_id, false, '-infinity', '00000000-0000-0000-0000-000000000000'
  from generate_series(1, 15) post_id, generate_series(1, 20) user_id where (post_id + user_id) % 2 = 0`;

/** Nobody listens there. */
const nowhere = 'redis://127.0.0.1:1';

/** What one crash point has for itself: a database, one of the numbered databases of each Redis, processes. */
export interface Stage {
  /** Events of all types, each with an id. */
  requests: SentEvent[][];
  startApi(options?: StartOptions): Promise<TestProcess>;
  startWorker(options?: StartOptions): Promise<TestProcess>;
  /** Each event stored once, counted once, shown once; the like that stands is the model's; the books balance. */
  expectExact(api: TestProcess): Promise<void>;
  /** So many likes stand, each the one event of its pair, counted once and shown once; the books balance. */
  expectLikes(api: TestProcess, likes: number): Promise<void>;
  close(): Promise<void>;
}

interface StartOptions {
  crashAt?: CrashPoint;
  port?: string;
  /** For this process the fast lane's Redis is away. */
  withoutRedis?: boolean;
}

/** The two Redis for the points of a file, each on a database of its own. */
export function createStages() {
  let stores: Promise<[TestStore, TestStore]> | undefined;
  let taken = 0;
  return {
    async open(): Promise<Stage> {
      stores ??= Promise.all([
        startTestRedis({ databases: 100, appendfsync: 'everysec' }),
        startTestViewsRedis({ databases: 100 }),
      ]);
      const at = taken;
      taken += 1;
      const [lane, views] = (await stores).map(({ url }) => `${url}/${at}`) as [string, string];
      return openStage({ lane, views }, taken);
    },
    close: async () => Promise.all(((await stores) ?? []).map((store) => store.stop())),
  };
}

/** Points wait for time-outs most of the time, so many go on at once; but a start takes a core for a second. */
let starts: Promise<unknown> = Promise.resolve();
function startInTurn<T>(start: () => Promise<T>): Promise<T> {
  const started = starts.then(start);
  starts = started.catch(() => {});
  return started;
}

async function openStage(urls: { lane: string; views: string }, seed: number): Promise<Stage> {
  const closers: (() => unknown)[] = [];
  const testDatabase = await createTestDatabase();
  closers.push(() => testDatabase.drop());
  const database = new pg.Client(testDatabase.url);
  await database.connect();
  closers.push(() => database.end());
  const [redis, viewsRedis] = [new Redis(urls.lane), new Redis(urls.views)];
  closers.push(() => redis.disconnect());
  closers.push(() => viewsRedis.disconnect());

  await database.query(somePairsKnown);

  const beganAt = Date.now();
  const random = seededRandom(seed);
  const events = randomEvents(random, 60, beganAt).map(
    (event, at): SentEvent => ({ ...event, eventId: event.eventId ?? idOf(seed, at) }),
  );
  const requests = [events.slice(0, 1), events.slice(1, 30), events.slice(30)];

  const start =
    (kind: typeof startApi | typeof startWorker) =>
    ({ crashAt: point, port = '0', withoutRedis = false }: StartOptions = {}) =>
      startInTurn(async () => {
        const process = await kind({
          DATABASE_URL: testDatabase.url,
          REDIS_URL: withoutRedis ? nowhere : urls.lane,
          VIEWS_REDIS_URL: urls.views,
          // What carries no id is sent once: a request that is given up may have been kept, so none is given up early.
          DURABLE_LANE_TIMEOUT_MS: '20000',
          PORT: port,
          ...(point && crashAt(point)),
        });
        closers.push(() => process.stop());
        // Until it has reached Redis an API puts batches on the durable lane.
        if (kind === startApi && !withoutRedis) await untilStatus(process, 'ready');
        return process;
      });

  return {
    requests,
    startApi: start(startApi),
    startWorker: start(startWorker),
    async expectExact(api) {
      const ledger = await untilAtRest({ urls: () => [api.url], database, redis, limitMs: restLimitMs });
      const { rows } = await database.query<{ session_id: string }>('select session_id from event');
      expect(rows.map((row) => row.session_id).sort()).toEqual(events.map((event) => event.sessionId).sort());
      const since = beganAt - dayMs;
      const acknowledged = events.length;
      expect(await wrongAtRest({ ledger, acknowledged, database, redis: viewsRedis, since })).toEqual([]);
      const likes = await database.query<{ pair: string; at: number }>(
        "select user_id || ' ' || post_id as pair, (extract(epoch from liked_at) * 1000)::float8 as at from post_like",
      );
      expect(new Map(likes.rows.map(({ pair, at }) => [pair, at]))).toEqual(modelOf(events).likes);
    },
    async expectLikes(api, likes) {
      const ledger = await untilAtRest({ urls: () => [api.url], database, redis, limitMs: restLimitMs });
      const since = beganAt - dayMs;
      expect(await wrongAtRest({ ledger, acknowledged: likes, database, redis: viewsRedis, since })).toEqual(
        [],
      );
      const { rows } = await database.query(
        `select (select count(*)::int from event) as events, (select count(*)::int from post_like) as standing,
           (select sum(count)::int from statistic where event_type = 'LIKE') as counted,
           (select sum(likes)::int from like_count) as "likeCount"`,
      );
      expect(rows[0]).toEqual({ events: likes, standing: likes, counted: likes, likeCount: likes });
    },
    async close() {
      for (const close of closers.reverse()) await close();
    },
  };
}

const untilStatus = (api: TestProcess, status: string): Promise<void> =>
  until(async () => {
    const answer = (await (await fetch(`${api.url}/readyz`)).json()) as { status: string };
    return answer.status === status;
  });

function idOf(seed: number, at: number): string {
  return `00000000-0000-4000-8000-${String(seed * 1000 + at).padStart(12, '0')}`;
}

/** Waits until the process has come to its point; throws with its log when it does not. */
export async function untilDead(process: TestProcess): Promise<void> {
  let how: unknown;
  void process.ended.then((ended) => (how = ended));
  await until(() => how !== undefined, { limitMs: deathLimitMs }).catch(() => {
    throw new Error(`the process did not come to its point:\n${process.output()}`);
  });
  expect(how).toBe('SIGKILL');
}
