import { once } from 'node:events';
import { type IncomingMessage, request } from 'node:http';
import { text } from 'node:stream/consumers';
import { until } from '@event-tracker/testing';
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { click, expectStatus, get, post } from './requests.ts';
import { startTracker, type Tracker } from './tracker.ts';

let tracker: Tracker;

beforeAll(async () => {
  tracker = await startTracker();
});

afterAll(() => tracker.stop());

test.each(['SIGTERM', 'SIGINT'] as const)(
  'at %s, however often, a request under way is answered, and then the API ends with 0',
  async (signal) => {
    const api = await tracker.addApi();
    const body = JSON.stringify(click());
    const sending = request(`${api.url}/api/events`, {
      method: 'POST',
      headers: { 'content-type': 'application/json', 'content-length': body.length },
    });
    const answering = once(sending, 'response') as Promise<[IncomingMessage]>;
    await new Promise<void>((resolve) => {
      sending.write(body.slice(0, 10), () => resolve());
    });
    // Only a request whose head was read is under way; one that comes after it shows that it was.
    await expectStatus(fetch(`${api.url}/healthz`), 200);

    api.signal(signal);
    await until(() => api.output().includes('shutting down'));
    await until(() =>
      fetch(`${api.url}/healthz`).then(
        () => false,
        () => true,
      ),
    );
    api.signal(signal);
    sending.end(body.slice(10));
    const [answer] = await answering;
    expect(answer.statusCode).toBe(202);
    expect(JSON.parse(await text(answer))).toEqual({ eventId: expect.any(String) });
    expect(await api.ended).toBe(0);
  },
);

test('connections that clients keep open do not hold the end up', async () => {
  const api = await tracker.addApi();
  await Promise.all(Array.from({ length: 20 }, () => expectStatus(fetch(`${api.url}/healthz`), 200)));
  const toldAt = performance.now();
  api.signal('SIGTERM');
  expect(await api.ended).toBe(0);
  expect(performance.now() - toldAt).toBeLessThan(5000);
});

test('what is acknowledged while the API ends is kept, and nothing else', async () => {
  const before = (await get<{ received: number }>(`${tracker.url}/admin/ledger`)).body.received;
  const api = await tracker.addApi();
  // 0: there was no answer.
  const statusOf = async () => {
    const response = await post(`${api.url}/api/events`, click());
    await response.text();
    return response.status;
  };
  const sendSome = () => Array.from({ length: 150 }, () => statusOf().catch(() => 0));
  const outcomes = sendSome();
  await outcomes[0];
  api.signal('SIGTERM');
  outcomes.push(...sendSome());
  const statuses = await Promise.all(outcomes);
  expect(await api.ended).toBe(0);
  const accepted = statuses.filter((status) => status === 202).length;
  expect(accepted).toBeGreaterThan(0);
  expect(statuses.filter((status) => ![202, 503, 0].includes(status))).toEqual([]);
  const { received } = (await get<{ received: number }>(`${tracker.url}/admin/ledger`)).body;
  expect(received - before).toBe(accepted);
});
