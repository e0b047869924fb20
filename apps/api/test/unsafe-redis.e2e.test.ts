import { poll } from '@event-tracker/testing';
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { click, expectProblem, expectStatus, post } from './requests.ts';
import { startTracker, type Tracker } from './tracker.ts';

let tracker: Tracker;

beforeAll(async () => {
  tracker = await startTracker({ redisSettings: { appendonly: 'no' }, ready: false });
});

afterAll(() => tracker.stop());

interface Readiness {
  status: string;
  dependencies: Record<string, string>;
  reasons: string[];
}

test('a Redis without an append-only file takes no event, PostgreSQL takes it, and /readyz says why', async () => {
  const readiness = await poll(async () => {
    const ready = await expectStatus<Readiness>(fetch(`${tracker.url}/readyz`), 200);
    return ready.reasons.some((reason) => reason.includes('append-only')) ? ready : undefined;
  });
  expect(readiness.status).toBe('degraded');
  expect(readiness.dependencies).toEqual({ redis: 'down', postgres: 'up' });

  for (const [path, body] of [
    ['/api/events', click()],
    ['/api/users/events', click()],
    ['/api/events/batch', [click()]],
  ] as const) {
    await expectStatus(post(`${tracker.url}${path}`, body), 202);
  }
});

test('what is not valid is told so all the same', async () => {
  await expectProblem(post(`${tracker.url}/api/events`, {}), 400);
});

test('PostgreSQL answers what it can', async () => {
  const response = await fetch(`${tracker.url}/api/statistics?eventType=CLICK&componentId=1`);
  expect(response.headers.get('x-served-by')).toBe('postgres');
  expect(await expectStatus(response, 200)).toEqual({ count: 0 });
});

test('the API lives', async () => {
  await expectStatus(fetch(`${tracker.url}/healthz`), 200);
});
