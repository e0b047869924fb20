import { asAdmin } from '@event-tracker/testing';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { createReference } from '../src/http/reference/document.ts';
import { type Operation, readReference } from './reference.ts';
import { click, post } from './requests.ts';
import { startTracker, type Tracker } from './tracker.ts';

const reference = readReference(createReference());
let tracker: Tracker;
let withoutTokens: string;

beforeAll(async () => {
  tracker = await startTracker({ worker: true });
  withoutTokens = (await tracker.addApi({ ADMIN_TOKENS: '' })).url;
});

afterAll(() => tracker.stop());

const ask = (path: string, init?: RequestInit) =>
  fetch(`${tracker.url}${path}`, { headers: asAdmin, ...init });
const give = (path: string, body: unknown) => post(`${tracker.url}${path}`, body, asAdmin);

const newId = '0198c0de-7a3e-7c61-9c64-5f1d2a3b4c5d';
const lastHours = new URLSearchParams({
  from: new Date(Date.now() - 3 * 3_600_000).toISOString(),
  to: new Date().toISOString(),
});

type Request = () => Promise<Response>;

/** For each operation a request that succeeds, and requests that are refused. */
/** What comes of the stream first: the whole of it has no end. */
async function beginningOfStream(): Promise<Response> {
  const response = await ask('/api/stream');
  const reader = response.body!.getReader();
  const { value } = await reader.read();
  await reader.cancel();
  return new Response(value, response);
}

const requests: Record<string, [status: number, request: Request][]> = {
  'POST /api/events': [
    [202, () => give('/api/events', click())],
    [400, () => give('/api/events', {})],
    [413, () => give('/api/events', 'x'.repeat(1_100_000))],
    [415, () => post(`${tracker.url}/api/events`, 'x', { 'content-type': 'image/png' })],
  ],
  'POST /api/users/events': [
    [202, () => give('/api/users/events', click())],
    [400, () => give('/api/users/events', {})],
  ],
  'POST /api/events/batch': [
    [
      202,
      () => give('/api/events/batch', [click(), click({ eventId: newId }), click({ eventId: newId }), {}]),
    ],
    [400, () => give('/api/events/batch', [{}])],
  ],
  'GET /api/statistics': [
    [200, () => ask('/api/statistics?eventType=CLICK&componentId=1002')],
    [400, () => ask('/api/statistics')],
  ],
  'GET /api/statistics/keywords/top': [
    [200, () => ask('/api/statistics/keywords/top')],
    [400, () => ask('/api/statistics/keywords/top?window=1y')],
  ],
  'GET /api/statistics/posts/top': [
    [200, () => ask('/api/statistics/posts/top?window=all')],
    [400, () => ask('/api/statistics/posts/top?limit=101')],
  ],
  'GET /api/statistics/components/top': [
    [200, () => ask('/api/statistics/components/top')],
    [400, () => ask('/api/statistics/components/top?eventType=LIKE')],
  ],
  'GET /api/statistics/timeseries': [
    [200, () => ask(`/api/statistics/timeseries?eventType=CLICK&interval=hour&${lastHours}`)],
    [400, () => ask('/api/statistics/timeseries')],
  ],
  'POST /api/posts': [
    [
      201,
      () =>
        give('/api/posts', { userId: 1, content: 'x', imageUrls: 'https://a.example', hashtags: ['Tea'] }),
    ],
    [400, () => give('/api/posts', { userId: 1 })],
  ],
  'GET /api/posts/{postId}': [
    [200, () => ask('/api/posts/1')],
    [404, () => ask('/api/posts/999')],
  ],
  'GET /api/posts/popular': [
    [200, () => ask('/api/posts/popular')],
    [400, () => ask('/api/posts/popular?window=1y')],
  ],
  'GET /api/search': [
    [200, () => ask('/api/search?userId=1&keyword=tea')],
    [400, () => ask('/api/search')],
  ],
  'POST /api/posts/like': [
    [200, () => give('/api/posts/like', { userId: 1, postId: 2 })],
    [400, () => give('/api/posts/like', { userId: 1 })],
    [415, () => post(`${tracker.url}/api/posts/like`, 'x', { 'content-type': 'image/png' })],
  ],
  'PUT /api/posts/{postId}/likes/{userId}': [
    [200, () => ask('/api/posts/2/likes/1', { method: 'PUT' })],
    [400, () => ask('/api/posts/0/likes/1', { method: 'PUT' })],
  ],
  'DELETE /api/posts/{postId}/likes/{userId}': [
    [200, () => ask('/api/posts/2/likes/1', { method: 'DELETE' })],
    [400, () => ask('/api/posts/2/likes/one', { method: 'DELETE' })],
  ],
  'GET /api/search/recent/{userId}': [
    [200, () => ask('/api/search/recent/7')],
    [400, () => ask('/api/search/recent/seven')],
  ],
  'GET /healthz': [[200, () => ask('/healthz')]],
  'GET /readyz': [[200, () => ask('/readyz')]],
  'GET /metrics': [[200, () => ask('/metrics')]],
  'GET /admin/lanes': [[200, () => ask('/admin/lanes')]],
  'GET /admin/ledger': [
    [200, () => ask('/admin/ledger')],
    [401, () => ask('/admin/ledger', { headers: {} })],
    [403, () => fetch(`${withoutTokens}/admin/ledger`)],
  ],
  'GET /admin/ledger/entered': [
    [200, () => ask('/admin/ledger/entered')],
    [401, () => ask('/admin/ledger/entered', { headers: {} })],
  ],
  'GET /admin/dead-letters': [
    [200, () => ask('/admin/dead-letters')],
    [400, () => ask('/admin/dead-letters?limit=0')],
  ],
  'POST /admin/dead-letters/replay': [
    [200, () => give('/admin/dead-letters/replay', { ids: [1] })],
    [400, () => give('/admin/dead-letters/replay', {})],
  ],
  'GET /admin/queues': [[200, () => ask('/admin/queues')]],
  'POST /admin/session': [
    [204, () => ask('/admin/session', { method: 'POST' })],
    [401, () => ask('/admin/session', { method: 'POST', headers: {} })],
  ],
  'DELETE /admin/session': [
    [204, () => ask('/admin/session', { method: 'DELETE' })],
    [401, () => ask('/admin/session', { method: 'DELETE', headers: {} })],
  ],
  'GET /api/stream': [
    [200, beginningOfStream],
    [400, () => ask('/api/stream?window=2h')],
  ],
  'GET /': [[200, () => ask('/')]],
  'GET /tracker.js': [[200, () => ask('/tracker.js')]],
  'GET /tracker.mjs': [[200, () => ask('/tracker.mjs')]],
  'GET /docs': [[200, () => ask('/docs')]],
  'GET /openapi.json': [[200, () => ask('/openapi.json')]],
};

test('there is a request for every operation', () => {
  expect(Object.keys(requests).sort()).toEqual([...reference.operations.keys()].sort());
});

describe.each(Object.entries(requests))('%s', (name, cases) => {
  test.each(cases)('answers %i as the reference says', async (status, request) => {
    const response = await request();
    const text = await response.text();
    expect({ status: response.status, text }).toEqual({ status, text });
    const documented = reference.operations.get(name)!.responses[status];
    for (const header of Object.keys(documented?.headers ?? {}))
      expect([header, response.headers.has(header)]).toEqual([header, true]);
    if (status === 204) {
      expect([documented !== undefined, documented?.content, text]).toEqual([true, undefined, '']);
      return;
    }
    const mediaType = response.headers.get('content-type')!.split(';')[0]!;
    const media = documented?.content?.[mediaType];
    expect({ mediaType, documented: media !== undefined }).toEqual({ mediaType, documented: true });
    const value = mediaType.endsWith('json') ? (JSON.parse(text) as unknown) : text;
    expect(reference.errorsOf(media!.schema, value)).toEqual([]);
  });
});

test('the document that is served is the one that is held to the routes', async () => {
  expect(await (await ask('/openapi.json')).json()).toEqual(JSON.parse(JSON.stringify(createReference())));
});

describe('the examples', () => {
  const contents = ({ requestBody, responses }: Operation) => [requestBody, ...Object.values(responses)];
  test.each([...reference.operations])('of %s are as its schemas say', (_, operation) => {
    for (const media of contents(operation).flatMap((each) => Object.values(each?.content ?? {}))) {
      const examples = Object.values(media.examples ?? {}).map(({ value }) => value);
      if (media.example !== undefined) examples.push(media.example);
      for (const example of examples) expect(reference.errorsOf(media.schema, example)).toEqual([]);
    }
  });

  test('of events are taken', async () => {
    const { examples } =
      reference.operations.get('POST /api/events')!.requestBody!.content!['application/json']!;
    for (const { value } of Object.values(examples!))
      expect((await give('/api/events', value)).status).toBe(202);
  });
});
