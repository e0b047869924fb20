import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { send } from './requests.ts';
import { startTracker, type Tracker } from './tracker.ts';

const budgetBytes = 3000;
let tracker: Tracker;

beforeAll(async () => {
  tracker = await startTracker({ ready: false, env: { WRITE_KEYS: 'w', API_KEYS: 'a', ADMIN_TOKENS: 't' } });
});

afterAll(() => tracker.stop());

test.each(['/tracker.js', '/tracker.mjs'])('%s may be loaded by any site, without a key', async (path) => {
  const response = await fetch(tracker.url + path, { headers: { origin: 'https://elsewhere.example' } });
  expect(response.status).toBe(200);
  expect(response.headers.get('content-type')).toMatch(/^text\/javascript\b/);
  expect(response.headers.get('cross-origin-resource-policy')).toBe('cross-origin');
  expect(response.headers.get('access-control-allow-origin')).toBe('*');
  expect(response.headers.get('x-content-type-options')).toBe('nosniff');
  expect(await response.text()).toContain('/api/events/batch');
});

test('it is at most 3 kB on the wire', async () => {
  for (const path of ['/tracker.js', '/tracker.mjs']) {
    const response = await send(tracker.url + path, { 'accept-encoding': 'gzip' });
    expect(response.headers.get('content-encoding')).toBe('gzip');
    expect(Number(response.headers.get('content-length'))).toBeLessThanOrEqual(budgetBytes);
  }
});

test('it is asked for again each time, and sent only when it has changed', async () => {
  const first = await fetch(`${tracker.url}/tracker.js`);
  expect(first.headers.get('cache-control')).toBe('no-cache');
  await first.text();
  const again = await send(`${tracker.url}/tracker.js`, { 'if-none-match': first.headers.get('etag')! });
  expect(again.status).toBe(304);
  expect(await again.text()).toBe('');
});
