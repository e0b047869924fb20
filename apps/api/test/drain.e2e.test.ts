import { Agent, get, type IncomingMessage } from 'node:http';
import { connect } from 'node:net';
import { json, text } from 'node:stream/consumers';
import { until } from '@event-tracker/testing';
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { click, expectStatus, post } from './requests.ts';
import { startTracker, type Tracker } from './tracker.ts';

let tracker: Tracker;

beforeAll(async () => {
  tracker = await startTracker();
});

afterAll(() => tracker.stop());

test('at SIGTERM readiness goes first; requests are answered, each the last of its connection', async () => {
  const api = await tracker.addApi({ DRAIN_DELAY_MS: '2000' });
  const agent = new Agent({ keepAlive: true });
  const ask = (path: string) =>
    new Promise<IncomingMessage>((resolve, reject) => {
      get(`${api.url}${path}`, { agent }, resolve).on('error', reject);
    });
  const before = await ask('/healthz');
  await text(before);
  expect(before.headers.connection).toBe('keep-alive');

  api.signal('SIGTERM');
  await until(() => api.output().includes('shutting down'));
  const ready = await ask('/readyz');
  expect(ready.statusCode).toBe(503);
  expect(ready.headers.connection).toBe('close');
  expect(await json(ready)).toMatchObject({ status: 'unavailable', reasons: ['shutting down'] });
  await expectStatus(post(`${api.url}/api/events`, click()), 202);
  expect(await api.ended).toBe(0);
  agent.destroy();
});

test('a client that never sends the rest of its body does not hold up the end', async () => {
  const api = await tracker.addApi();
  const socket = connect(Number(new URL(api.url).port), '127.0.0.1');
  socket.on('error', () => {});
  socket.write(
    'POST /api/events HTTP/1.1\r\nhost: a\r\ncontent-type: application/json\r\ncontent-length: 9\r\n\r\n{',
  );
  await expectStatus(fetch(`${api.url}/healthz`), 200);
  const since = performance.now();
  api.signal('SIGTERM');
  expect(await api.ended).toBe(0);
  expect(performance.now() - since).toBeLessThan(20_000);
  socket.destroy();
}, 120_000);
