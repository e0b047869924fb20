import { asAdmin, startTestPostgres, type TestStore, until } from '@event-tracker/testing';
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { click, expectProblem, expectStatus, get, post, soon } from './requests.ts';
import { startTracker, type Tracker } from './tracker.ts';

let postgres: TestStore;
let tracker: Tracker | undefined;
let url: string;

const clicks = { eventType: 'CLICK', componentId: 1002 };
const search = {
  eventType: 'SEARCH',
  userId: 1,
  sessionId: 's',
  metadata: { componentId: 1001, keyword: 'cat' },
};

beforeAll(async () => {
  postgres = await startTestPostgres();
  tracker = await startTracker({ worker: true, databaseUrl: postgres.url });
  url = tracker.url;
  await expectStatus(post(`${url}/api/events/batch`, [click(), click(), search]), 202);
  await soon(expectViews);
});

afterAll(async () => {
  await tracker?.stop();
  await postgres.stop();
});

async function expectViews(): Promise<void> {
  expect(await get(`${url}/api/statistics`, clicks)).toEqual({ body: { count: 2 }, servedBy: 'redis' });
  expect(await get(`${url}/api/statistics/keywords/top`)).toEqual({
    body: { window: '1h', keywords: [{ keyword: 'cat', count: 1 }] },
    servedBy: 'redis',
  });
  expect(await get(`${url}/api/statistics/components/top`)).toEqual({
    body: { window: '1h', components: [{ componentId: 1002, count: 2 }] },
    servedBy: 'redis',
  });
  expect(await get(`${url}/api/statistics/posts/top`)).toEqual({
    body: { window: '1h', posts: [] },
    servedBy: 'redis',
  });
  expect(await get(`${url}/api/search/recent/1`)).toEqual({
    body: { keyword: ['cat'] },
    servedBy: 'redis',
  });
}

async function expectUnavailable(path: string): Promise<void> {
  const response = await fetch(`${url}${path}`, { headers: asAdmin });
  expect(Number(response.headers.get('retry-after'))).toBeGreaterThanOrEqual(1);
  await expectProblem(response, 503);
}

test('while PostgreSQL is away ingest goes on, and live windows answer as of the outage', async () => {
  await postgres.kill();
  await until(async () => {
    const ready = await expectStatus(fetch(`${url}/readyz`), 200);
    return ready.status === 'degraded';
  });
  await expectStatus(post(`${url}/api/events`, click()), 202);
  for (const window of ['1m', '1h', '24h'])
    expect((await get(`${url}/api/statistics`, { ...clicks, window })).servedBy).toBe('redis');
  await expectViews();
});

test('what PostgreSQL alone can answer is unavailable', async () => {
  await expectUnavailable('/api/statistics?eventType=CLICK&componentId=1002&window=all');
  await expectUnavailable('/api/statistics?eventType=CLICK&componentId=1002&postId=1');
  await expectUnavailable('/api/statistics/keywords/top?window=all');
  await expectUnavailable('/api/statistics/posts/top?window=all');
  await expectUnavailable('/api/statistics/components/top?window=all');
  const range = 'from=2026-11-01T00:00:00Z&to=2026-11-02T00:00:00Z';
  await expectUnavailable(`/api/statistics/timeseries?eventType=CLICK&interval=hour&${range}`);
  await expectUnavailable('/admin/ledger');
});

test('once PostgreSQL is back all that was acknowledged is counted', async () => {
  await postgres.start();
  await until(async () => {
    const { body, servedBy } = await get<{ count: number }>(`${url}/api/statistics`, clicks);
    return body.count === 3 && servedBy === 'redis';
  });
  await until(async () => (await get(`${url}/admin/ledger`)).body.inFlight === 0);
  expect((await get(`${url}/admin/ledger`)).body).toEqual({
    received: 4,
    duplicate: 0,
    stored: 4,
    dead: 0,
    inFlight: 0,
    missing: 0,
    balanced: true,
  });
  await expectStatus(fetch(`${url}/readyz`), 200);
});
