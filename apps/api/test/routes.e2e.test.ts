import { asAdmin } from '@event-tracker/testing';
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { expectProblem, expectStatus } from './requests.ts';
import { startTracker, type Tracker } from './tracker.ts';

let tracker: Tracker;

beforeAll(async () => {
  tracker = await startTracker();
});

afterAll(() => tracker.stop());

const ask = (path: string, method = 'GET') => fetch(`${tracker.url}${path}`, { method, headers: asAdmin });

const posted = ['/api/events', '/api/events/batch', '/api/users/events'];
const read = [
  '/api/statistics',
  '/api/statistics/keywords/top',
  '/api/statistics/posts/top',
  '/api/statistics/components/top',
  '/api/statistics/timeseries',
  '/api/search/recent/1',
  '/healthz',
  '/readyz',
  '/admin/ledger',
  '/admin/queues',
];

test.each(posted)('%s is for POST alone', async (path) => {
  for (const method of ['GET', 'PUT', 'PATCH', 'DELETE']) {
    const response = await ask(path, method);
    expect(response.headers.get('allow')).toBe('POST');
    await expectProblem(response, 405);
  }
});

test.each(read)('%s is for GET and HEAD alone', async (path) => {
  for (const method of ['POST', 'PUT', 'PATCH', 'DELETE']) {
    const response = await ask(path, method);
    expect(response.headers.get('allow')?.split(/, */).sort()).toEqual(['GET', 'HEAD']);
    await expectProblem(response, 405);
  }
});

test.each(['/healthz', '/readyz', '/admin/ledger', '/api/statistics/keywords/top'])(
  'HEAD %s has the headers of GET, and no body',
  async (path) => {
    const response = await ask(path, 'HEAD');
    expect(response.status).toBe(200);
    expect(response.headers.get('content-type')).toMatch(/^application\/json\b/);
    expect(await response.text()).toBe('');
  },
);

test.each([
  '/nothing',
  '/api',
  '/api/event',
  '/api/events/x',
  '/api/statistics/x',
  '/api/search/recent',
  '/admin/x',
])('%s is no route', async (path) => {
  await expectProblem(ask(path), 404);
  await expectProblem(ask(path, 'POST'), 404);
});

test('a path that cannot be decoded is a bad request', async () => {
  await expectProblem(ask('/api/search/recent/%zz'), 400);
});

test('each problem has a request id of its own', async () => {
  const [one, other] = await Promise.all([expectProblem(ask('/x'), 404), expectProblem(ask('/x'), 404)]);
  expect(one.requestId).not.toBe(other.requestId);
});

test('the title of a problem is the name of its status', async () => {
  expect((await expectProblem(ask('/x'), 404)).title).toBe('Not Found');
  expect((await expectProblem(ask('/healthz', 'POST'), 405)).title).toBe('Method Not Allowed');
});

test('no answer says what it is made with', async () => {
  for (const path of ['/healthz', '/api/statistics', '/x']) {
    const response = await ask(path);
    expect(response.headers.has('x-powered-by')).toBe(false);
    await response.text();
  }
});

test('the API lives', async () => {
  await expectStatus(ask('/healthz'), 200);
});
