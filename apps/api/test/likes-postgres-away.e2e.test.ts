import { startTestPostgres, type TestStore, until } from '@event-tracker/testing';
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { expectProblem, expectStatus, get, post } from './requests.ts';
import { startTracker, type Tracker } from './tracker.ts';

let postgres: TestStore;
let tracker: Tracker | undefined;
let url: string;

/** The limit of a transaction and of a connection, and what a busy machine adds. */
const limitMs = 6000;

beforeAll(async () => {
  postgres = await startTestPostgres();
  tracker = await startTracker({ worker: true, databaseUrl: postgres.url });
  url = tracker.url;
  await expectStatus(toggle(1), 200);
});

afterAll(async () => {
  await tracker?.stop();
  await postgres.stop();
});

const toggle = (userId: number) => post(`${url}/api/posts/like`, { userId, postId: 5 });

async function expectUnavailable(answering: () => Promise<Response>): Promise<void> {
  const began = performance.now();
  const response = await answering();
  expect(performance.now() - began).toBeLessThan(limitMs);
  expect(Number(response.headers.get('retry-after'))).toBeGreaterThanOrEqual(1);
  await expectProblem(response, 503);
}

test('while PostgreSQL hangs or is away a like is refused, soon, and so are many at once', async () => {
  postgres.pause();
  await Promise.all(Array.from({ length: 200 }, (_, at) => expectUnavailable(() => toggle(10 + at))));
  await expectUnavailable(() => fetch(`${url}/api/posts/5/likes/1`, { method: 'DELETE' }));
  postgres.resume();
  await postgres.kill();
  await expectUnavailable(() => toggle(2));
  await expectUnavailable(() => fetch(`${url}/api/posts/5/likes/1`, { method: 'DELETE' }));
});

test('once it is back likes are set again, and the books balance', async () => {
  await postgres.start();
  const like = () => fetch(`${url}/api/posts/5/likes/1`, { method: 'PUT' });
  await until(async () => (await like()).status === 200);
  await until(async () => {
    const { inFlight, missing, balanced } = (await get(`${url}/admin/ledger`)).body;
    return inFlight === 0 && missing === 0 && balanced === true;
  });
});
