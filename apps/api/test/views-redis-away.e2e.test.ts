import { until } from '@event-tracker/testing';
import { afterAll, afterEach, beforeAll, describe, expect, test } from '@jest/globals';
import { Redis } from 'ioredis';
import { click, expectStatus, get, post, soon } from './requests.ts';
import { startTracker, type Tracker, untilViewsAreFresh } from './tracker.ts';

let tracker: Tracker;
let sent = 0;

beforeAll(async () => {
  tracker = await startTracker({ apart: true, worker: true });
});

afterEach(() => {
  tracker.redis.resume();
  tracker.viewsRedis.resume();
});

afterAll(() => tracker.stop());

async function send(): Promise<void> {
  await expectStatus(post(`${tracker.url}/api/events`, click()), 202);
  sent += 1;
}

const count = () =>
  get<{ count: number }>(`${tracker.url}/api/statistics`, { eventType: 'CLICK', componentId: 1002 });
const books = async () => (await get(`${tracker.url}/admin/ledger`)).body;

/** Events that the durable lane took in place of the fast one. */
async function spilled(): Promise<number> {
  const metrics = await (await fetch(`${tracker.url}/metrics`)).text();
  return Number(/^event_tracker_spilled_events_total (\d+)/m.exec(metrics)?.[1]);
}

interface Readiness {
  status: string;
  dependencies: Record<string, string>;
  reasons: string[];
}
const readiness = () => expectStatus<Readiness>(fetch(`${tracker.url}/readyz`), 200);

async function expectAllRightSoon(): Promise<void> {
  await until(async () => (await readiness()).status === 'ready', { what: 'readiness' });
  await untilViewsAreFresh(tracker.url);
  await soon(async () => expect(await count()).toEqual({ body: { count: sent }, servedBy: 'redis' }));
  await until(async () => (await books()).inFlight === 0);
  expect(await books()).toMatchObject({ received: sent, stored: sent, missing: 0, balanced: true });
}

type Away = [name: string, begin: () => unknown, end: () => unknown];
const misfortunes = (store: () => Tracker['redis']): Away[] => [
  ['is killed', () => store().kill(), () => store().start()],
  ['hangs', () => store().pause(), () => store().resume()],
];

test('/readyz names both', async () => {
  await send();
  await expectAllRightSoon();
  expect((await readiness()).dependencies).toEqual({ redis: 'up', viewsRedis: 'up', postgres: 'up' });
});

describe.each(misfortunes(() => tracker.viewsRedis))("while the views' Redis %s", (_name, begin, end) => {
  test('the fast lane takes events, PostgreSQL answers, and afterwards the views are right', async () => {
    const before = await spilled();
    await begin();
    for (let at = 0; at < 5; at += 1) await send();
    await until(async () => (await readiness()).dependencies.viewsRedis === 'down');
    const { status, dependencies, reasons } = await readiness();
    expect(status).toBe('degraded');
    expect(dependencies).toEqual({ redis: 'up', viewsRedis: 'down', postgres: 'up' });
    expect(reasons).toEqual([expect.stringMatching(/^viewsRedis: /)]);
    await soon(async () => expect(await count()).toEqual({ body: { count: sent }, servedBy: 'postgres' }));
    expect((await get(`${tracker.url}/api/posts/popular`)).servedBy).toBe('postgres');
    expect(await spilled()).toBe(before);

    await end();
    await expectAllRightSoon();
  });
});

describe.each(misfortunes(() => tracker.redis))("while the fast lane's Redis %s", (_name, begin, end) => {
  test('the durable lane takes events, and the views go on showing them', async () => {
    const before = await spilled();
    await begin();
    for (let at = 0; at < 3; at += 1) await send();
    await until(async () => (await readiness()).dependencies.redis === 'down');
    expect((await readiness()).dependencies).toEqual({ redis: 'down', viewsRedis: 'up', postgres: 'up' });
    expect(await spilled()).toBe(before + 3);
    await soon(async () => expect(await count()).toEqual({ body: { count: sent }, servedBy: 'redis' }));
    // Longer than a lease lives without one who renews it.
    const since = performance.now();
    await until(
      async () => {
        expect((await count()).servedBy).toBe('redis');
        return performance.now() - since > 12_000;
      },
      { everyMs: 250 },
    );
    await send();
    await soon(async () => expect(await count()).toEqual({ body: { count: sent }, servedBy: 'redis' }));

    await end();
    await expectAllRightSoon();
  });
});

describe('a Redis of the views', () => {
  let redis: Redis;
  beforeAll(() => {
    redis = new Redis(tracker.viewsRedis.url);
  });
  afterAll(() => redis.disconnect());

  test('that is full keeps its debt: PostgreSQL answers, /readyz says why, and the views are right once there is room', async () => {
    await redis.config('SET', 'maxmemory', '1mb');
    await send();
    await until(async () => (await readiness()).reasons.some((reason) => reason.includes('OOM')));
    expect(await readiness()).toMatchObject({
      status: 'degraded',
      dependencies: { redis: 'up', viewsRedis: 'up', postgres: 'up' },
      reasons: [expect.stringMatching(/^viewsRedis: it takes no writes, so PostgreSQL answers: OOM/)],
    });
    await until(async () => (await count()).servedBy === 'postgres', { what: 'answers of PostgreSQL' });
    await soon(async () => expect((await count()).body).toEqual({ count: sent }));

    await redis.config('SET', 'maxmemory', '1gb');
    await expectAllRightSoon();
  });

  test('that evicts is not fresh: PostgreSQL answers and /readyz says why, until it evicts no more', async () => {
    await redis.config('SET', 'maxmemory-policy', 'allkeys-random');
    await redis.config('SET', 'maxmemory', '1mb');
    await until(async () => (await readiness()).reasons.some((reason) => reason.includes('evicts')));
    expect(await readiness()).toMatchObject({
      status: 'degraded',
      reasons: [expect.stringMatching(/^viewsRedis: it evicts \(`maxmemory-policy allkeys-random`\)/)],
    });
    await send();
    await soon(async () => expect(await count()).toEqual({ body: { count: sent }, servedBy: 'postgres' }));

    await redis.config('SET', 'maxmemory', '1gb');
    await redis.config('SET', 'maxmemory-policy', 'noeviction');
    await expectAllRightSoon();
  });
});
