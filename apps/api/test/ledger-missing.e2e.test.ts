import { readJobId } from '@event-tracker/queue';
import { poll, until } from '@event-tracker/testing';
import { afterEach, expect, test } from '@jest/globals';
import { Redis } from 'ioredis';
import pg from 'pg';
import { click, get, post } from './requests.ts';
import { startTracker, type Tracker } from './tracker.ts';

const closers: (() => unknown)[] = [];
afterEach(async () => {
  for (const close of closers.splice(0).reverse()) await close();
});

interface Answer {
  received: number;
  stored: number;
  inFlight: number;
  missing: number;
  balanced: boolean;
}

async function start(options: Parameters<typeof startTracker>[0] = {}): Promise<Tracker> {
  const tracker = await startTracker({ redisSettings: { appendfsync: 'everysec' }, ...options });
  closers.push(() => tracker.stop());
  return tracker;
}

const ledger = async (url: string) => (await get<Answer>(`${url}/admin/ledger`)).body;
const untilStored = (url: string, stored: number) =>
  poll(async () => {
    const books = await ledger(url);
    return books.inFlight === 0 && books.stored === stored ? books : undefined;
  });

/** Sends without a pause until it is told to stop; answers how many events were acknowledged. */
function keepSending(url: string): () => Promise<number> {
  let stopped = false;
  let acknowledged = 0;
  const senders = Array.from({ length: 4 }, async (_, sender) => {
    while (!stopped) {
      const events = Array.from({ length: 1 + sender * 3 }, () => click());
      const response = await post(`${url}/api/events/batch`, events);
      await response.text();
      if (response.status === 202) acknowledged += events.length;
    }
  });
  return async () => {
    stopped = true;
    await Promise.all(senders);
    return acknowledged;
  };
}

async function acknowledgedInBooks(databaseUrl: string): Promise<number> {
  const client = new pg.Client(databaseUrl);
  await client.connect();
  try {
    const { rows } = await client.query(
      'select coalesce(sum(acknowledged), 0) as acknowledged from producer',
    );
    return Number(rows[0].acknowledged);
  } finally {
    await client.end();
  }
}

test('under traffic of two APIs, while a worker is killed, nothing is ever missing and the books always balance', async () => {
  const { url, addApi, addWorker } = await start();
  const other = await addApi();
  const worker = await addWorker();
  const sendings = [keepSending(url), keepSending(other.url)];
  const looksEach = 26;
  let sent: number[];
  try {
    for (const killed of [true, false]) {
      const endsAt = performance.now() + 2000;
      for (let looks = 0; looks < looksEach || performance.now() < endsAt; looks += 2) {
        const answers = await Promise.all([ledger(url), ledger(other.url)]);
        for (const books of answers) expect(books).toMatchObject({ missing: 0, balanced: true });
      }
      if (!killed) continue;
      worker.signal('SIGKILL');
      await addWorker();
    }
  } finally {
    sent = await Promise.all(sendings.map((stop) => stop()));
  }
  const total = sent[0]! + sent[1]!;
  expect(await untilStored(url, total)).toMatchObject({ received: total, missing: 0, balanced: true });
}, 120_000);

test('a job that is removed behind the back of the system is missed, event for event', async () => {
  const { url, redis, addWorker, databaseUrl } = await start();
  for (const size of [3, 5, 7])
    await (await post(`${url}/api/events/batch`, Array(size).fill(click()))).text();
  await until(async () => (await acknowledgedInBooks(databaseUrl)) === 15);
  expect(await ledger(url)).toMatchObject({ received: 15, inFlight: 15, missing: 0, balanced: true });

  const client = new Redis(redis.url);
  closers.push(() => client.disconnect());
  const ids = await client.lrange('{lane}:events:wait', 0, -1);
  const removed = ids.find((id) => readJobId(id)?.count === 5)!;
  await client.lrem('{lane}:events:wait', 0, removed);
  await client.del(`{lane}:events:${removed}`);

  expect(await ledger(url)).toMatchObject({ inFlight: 10, missing: 5, balanced: false });
  await addWorker();
  expect(await untilStored(url, 10)).toMatchObject({ received: 10, missing: 5, balanced: false });
});

test('an API that is killed with its events on the lane leaves nothing missing, and its loss would show', async () => {
  const { url, addApi, addWorker, redis, databaseUrl } = await start();
  const doomed = await addApi();
  await (await post(`${doomed.url}/api/events/batch`, [click(), click()])).text();
  await until(async () => (await acknowledgedInBooks(databaseUrl)) === 2);
  doomed.signal('SIGKILL');
  await doomed.ended;
  await addWorker();
  expect(await untilStored(url, 2)).toMatchObject({ missing: 0, balanced: true });

  const last = await addApi();
  const client = new Redis(redis.url);
  closers.push(() => client.disconnect());
  // Nothing takes jobs that are on a paused list, and the next one is there.
  await client.hset('{lane}:events:meta', 'paused', '1');
  await (await post(`${last.url}/api/events`, click())).text();
  expect(await last.stop()).toBe(0);
  expect(await acknowledgedInBooks(databaseUrl)).toBe(3);
  await client.del('{lane}:events:paused');
  await client.del('{lane}:events:wait');
  expect(await ledger(url)).toMatchObject({ inFlight: 0, missing: 1, balanced: false });
});
