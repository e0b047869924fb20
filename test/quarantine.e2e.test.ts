import {
  asAdmin,
  createTestDatabase,
  poll,
  startApi,
  startTestRedis,
  startWorker,
  type TestProcess,
  until,
} from '@event-tracker/testing';
import { expect, test } from '@jest/globals';
import { Redis } from 'ioredis';
import pg from 'pg';
import { untilAtRest } from './at-rest.ts';
import { crashAt } from './crash-points/support/crash-point.ts';
import type { SentEvent } from './model.ts';
import { sendUntilAccepted } from './send-events.ts';

/** Every process that is about to store this event dies on the spot: a worker, and the one that tries it alone. */
const dying = crashAt({ when: 'before', step: '^pg insert-events', holding: 'poison' });
const nowhere = 'redis://127.0.0.1:1';

interface DeadLetters {
  deadLetters: { id: number; code: string; reason: string; event: { count: number; events: unknown[] } }[];
}

function aClick(sessionId: string): SentEvent {
  const occurredAt = new Date().toISOString();
  return { eventType: 'CLICK', userId: 1, sessionId, occurredAt, metadata: { componentId: 1002 } };
}

const poisoned = ['good 1', 'poison', 'good 2'];
const beside = Array.from({ length: 8 }, (_, at) => `beside ${at}`);

async function killsItsWorkers(lane: 'fast' | 'durable') {
  const database = await createTestDatabase();
  const redisStore = await startTestRedis({ appendfsync: 'everysec' });
  const redis = new Redis(redisStore.url);
  const client = new pg.Client(database.url);
  await client.connect();
  const env = { DATABASE_URL: database.url, REDIS_URL: redisStore.url };
  const starting = startApi(env);
  const [reader, api] = await Promise.all([
    starting,
    lane === 'fast' ? starting : startApi({ ...env, REDIS_URL: nowhere }),
  ]);
  let worker: TestProcess | undefined;
  let ending = false;
  let deaths = 0;
  // As an orchestrator does: a worker that dies is started again.
  async function keepOneRunning(): Promise<void> {
    while (!ending) {
      worker = await startWorker({ ...env, ...dying });
      if ((await worker.ended) === 'SIGKILL') deaths += 1;
    }
  }
  const admin = async <T>(path: string, body?: object): Promise<T> => {
    const init = body && { method: 'POST', body: JSON.stringify(body) };
    const headers = { ...asAdmin, 'content-type': 'application/json' };
    return (await (await fetch(`${reader.url}/admin/${path}`, { ...init, headers })).json()) as T;
  };
  const stored = async () => {
    const { rows } = await client.query<{ session_id: string }>('select session_id from event order by 1');
    return rows.map((row) => row.session_id);
  };
  const atRest = () => untilAtRest({ urls: () => [reader.url], database: client, redis, limitMs: 90_000 });

  let running: Promise<void> | undefined;
  try {
    await until(async () => (await fetch(`${reader.url}/readyz`)).ok);
    await sendUntilAccepted([api.url], poisoned.map(aClick));
    running = keepOneRunning();
    for (const session of beside) await sendUntilAccepted([api.url], [aClick(session)]);
    const { deadLetters } = await poll(
      async () => {
        const found = await admin<DeadLetters>('dead-letters');
        return found.deadLetters.length > 0 ? found : undefined;
      },
      { limitMs: 270_000, everyMs: 200, what: 'a dead letter' },
    );
    const books = await atRest();
    const besideIt = await stored();

    ending = true;
    [worker] = await Promise.all([startWorker(env), worker!.stop(), running]);
    const replay = await admin('dead-letters/replay', { ids: deadLetters.map(({ id }) => id) });
    const booksAfter = await atRest();
    return { deadLetters, deaths, books, besideIt, replay, booksAfter, storedAfter: await stored() };
  } finally {
    ending = true;
    await worker?.stop();
    await running;
    await reader.stop();
    await api.stop();
    redis.disconnect();
    await client.end();
    await redisStore.stop();
    await database.drop();
  }
}

test.concurrent.each(['fast', 'durable'] as const)(
  'a batch on the %s lane that kills its workers is set aside whole; what is beside it is stored once, and so is its replay',
  async (lane) => {
    const seen = await killsItsWorkers(lane);
    expect(seen.deadLetters).toEqual([
      expect.objectContaining({
        code: 'kills-its-worker',
        reason: expect.stringContaining('3 processes that tried it alone were lost'),
        event: expect.objectContaining({ count: 3 }),
      }),
    ]);
    // Twice on its lane; in the quarantine it takes nobody with it.
    expect(seen.deaths).toBe(2);
    expect(seen.besideIt).toEqual(beside);
    expect(seen.books).toMatchObject({ received: 11, stored: 8, dead: 3, missing: 0, balanced: true });
    expect(seen.replay).toEqual({ matched: 1, replayed: 1 });
    expect(seen.storedAfter).toEqual([...beside, ...poisoned].sort());
    expect(seen.booksAfter).toMatchObject({ received: 14, stored: 11, dead: 3, missing: 0, balanced: true });
  },
  150_000,
);
