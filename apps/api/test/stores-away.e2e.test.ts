import { asAdmin, startTestPostgres, type TestStore, until } from '@event-tracker/testing';
import { afterAll, afterEach, beforeAll, expect, test } from '@jest/globals';
import { click, expectStatus, get, post } from './requests.ts';
import { startTracker, type Tracker } from './tracker.ts';

let postgres: TestStore;
let tracker: Tracker;

beforeAll(async () => {
  postgres = await startTestPostgres();
  tracker = await startTracker({ worker: true, databaseUrl: postgres.url });
});

afterEach(() => {
  tracker.redis.resume();
  postgres.resume();
});

afterAll(async () => {
  await tracker?.stop();
  await postgres.stop();
});

// Of what was refused without an id either store may hold some: a component of its own tells this event from those.
const own = { componentId: 77 };
const send = (eventId?: string) =>
  post(`${tracker.url}/api/events`, click(eventId ? { eventId, metadata: own } : {}));

async function expectRefusal(): Promise<void> {
  const sentAt = performance.now();
  const answer = await send();
  expect(answer.status).toBe(503);
  expect(Number(answer.headers.get('retry-after'))).toBeGreaterThan(0);
  expect(performance.now() - sentAt).toBeLessThan(1000);
}

test('while both stores hang every event is refused within a second, also behind others that wait', async () => {
  await expectStatus(send(), 202);
  tracker.redis.pause();
  postgres.pause();
  await Promise.all(Array.from({ length: 50 }, expectRefusal));
  await expectRefusal();
  const readiness = await expectStatus(fetch(`${tracker.url}/readyz`), 503);
  expect(readiness).toMatchObject({
    status: 'unavailable',
    dependencies: { redis: 'down', postgres: 'down' },
  });
});

test('an event that was refused and is sent again counts once, whatever the stores had of it', async () => {
  const eventId = '0198c0de-0000-7000-8000-0000000000aa';
  tracker.redis.pause();
  postgres.pause();
  expect((await send(eventId)).status).toBe(503);
  tracker.redis.resume();
  postgres.resume();
  await until(async () => (await send(eventId)).status === 202);
  await expectStatus(send(eventId), 202);
  await until(async () => {
    const answer = await fetch(`${tracker.url}/admin/ledger`, { headers: asAdmin });
    const books = (await answer.json()) as Record<string, unknown>;
    return answer.ok && books.inFlight === 0 && books.balanced === true;
  });
  expect(
    (await get(`${tracker.url}/api/statistics`, { eventType: 'CLICK', ...own, window: 'all' })).body,
  ).toEqual({ count: 1 });
});

test('killed and started again, both come back by themselves', async () => {
  await Promise.all([tracker.redis.kill(), postgres.kill()]);
  await until(async () => (await send()).status === 503);
  await expectRefusal();
  await Promise.all([tracker.redis.start(), postgres.start()]);
  await until(async () => (await send()).status === 202);
  await until(async () => {
    const ready = (await (await fetch(`${tracker.url}/readyz`)).json()) as { status: string };
    return ready.status === 'ready';
  });
});
