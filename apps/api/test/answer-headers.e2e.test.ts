import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { click, expectProblem, post } from './requests.ts';
import { startTracker, type Tracker } from './tracker.ts';

let tracker: Tracker;

beforeAll(async () => {
  tracker = await startTracker();
});

afterAll(() => tracker.stop());

const answers: [name: string, ask: (headers?: Record<string, string>) => Promise<Response>][] = [
  ['an accepted event', (headers) => post(`${tracker.url}/api/events`, click(), headers)],
  ['an accepted batch', (headers) => post(`${tracker.url}/api/events/batch`, [click()], headers)],
  ['a refused event', (headers) => post(`${tracker.url}/api/events`, '{', headers)],
  ['a count', (headers = {}) => fetch(`${tracker.url}/api/statistics/keywords/top`, { headers })],
  ['a probe', (headers = {}) => fetch(`${tracker.url}/healthz`, { headers })],
  ['no route', (headers = {}) => fetch(`${tracker.url}/nothing`, { headers })],
];

test.each(answers)('%s is not to be taken for another type', async (_name, ask) => {
  expect((await ask()).headers.get('x-content-type-options')).toBe('nosniff');
});

test.each(answers)('%s carries the id of its request', async (_name, ask) => {
  expect((await ask({ 'x-request-id': 'abc-1.2:3' })).headers.get('x-request-id')).toBe('abc-1.2:3');
});

test('a problem names the id that the request came with, or one of its own', async () => {
  const refused = (headers?: Record<string, string>) => post(`${tracker.url}/api/events`, '{', headers);
  expect((await expectProblem(refused({ 'x-request-id': 'abc' }), 400)).requestId).toBe('abc');
  const response = await refused();
  expect(response.headers.get('x-request-id')).toBe((await expectProblem(response, 400)).requestId);
});

test.each(['a b', '<script>', 'x'.repeat(129), '{"a":1}'])('%j is no id of a request', async (id) => {
  const { requestId } = await expectProblem(
    post(`${tracker.url}/api/events`, '{', { 'x-request-id': id }),
    400,
  );
  expect(requestId).toMatch(/^[0-9a-f-]{36}$/);
});
