import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { click, expectProblem, expectStatus, post, send } from './requests.ts';
import { startTracker, type Tracker } from './tracker.ts';

const shop = 'https://shop.example.com';
const ingest = ['/api/events', '/api/events/batch', '/api/users/events'];

let tracker: Tracker;
let listed: string;

beforeAll(async () => {
  tracker = await startTracker({ env: { WRITE_KEYS: 'key' } });
  listed = (await tracker.addApi({ CORS_ORIGINS: `${shop}, http://localhost:3000` })).url;
});

afterAll(() => tracker.stop());

const preflight = (url: string, origin = shop, asked: Record<string, string> = {}) =>
  send(url, { origin, 'access-control-request-method': 'POST', ...asked }, 'OPTIONS');
const asking = (names: string) => ({ 'access-control-request-headers': names });
const allowedOrigin = (response: Response) => response.headers.get('access-control-allow-origin');

describe('by default pages of any site may send events', () => {
  test.each(ingest)('%s: the preflight needs no key', async (path) => {
    const response = await preflight(`${tracker.url}${path}`);
    expect(response.status).toBe(204);
    expect(allowedOrigin(response)).toBe('*');
    expect(response.headers.get('access-control-allow-methods')).toBe('POST');
    expect(response.headers.get('access-control-allow-headers')).toMatch(/content-type.*x-write-key/);
    expect(response.headers.has('access-control-allow-credentials')).toBe(false);
  });

  test('the headers that error trackers and tracing add to a request are allowed', async () => {
    const names = [
      'baggage',
      'sentry-trace',
      'traceparent',
      'tracestate',
      'x-datadog-trace-id',
      'X-B3-TraceId',
    ];
    const response = await preflight(`${tracker.url}/api/events`, shop, asking(names.join(',')));
    const allowed = response.headers.get('access-control-allow-headers')!.split(', ');
    for (const name of names) expect(allowed).toContain(name.toLowerCase());
    expect(allowed).toContain('content-type');
    expect(new Set(allowed).size).toBe(allowed.length);
  });

  test('names are bounded in number and length, and are names', async () => {
    const many = Array.from({ length: 500 }, (_, at) => `x-${at}`);
    const odd = ['a b', 'x:y', '"q"', `x-${'a'.repeat(200)}`, '', 'x-good'];
    const allowedOf = async (names: string[]) => {
      const response = await preflight(`${tracker.url}/api/events`, shop, asking(names.join(',')));
      expect(response.status).toBe(204);
      return response.headers.get('access-control-allow-headers')!.split(', ');
    };
    const allowed = await allowedOf(many);
    expect(allowed).toContain('x-63');
    expect(allowed).not.toContain('x-64');
    expect((await allowedOf(odd)).filter((name) => odd.includes(name))).toEqual(['x-good']);
  });

  test('they can read the answer, and a refusal', async () => {
    const headers = { origin: shop, 'x-write-key': 'key' };
    const taken = await post(`${tracker.url}/api/events?x`, click(), headers);
    expect(allowedOrigin(taken)).toBe('*');
    await expectStatus(taken, 202);
    const refused = await post(`${tracker.url}/api/events`, click(), { origin: shop });
    expect(allowedOrigin(refused)).toBe('*');
    await expectProblem(refused, 401);
  });
});

test.each([
  [shop, shop],
  ['http://localhost:3000', 'http://localhost:3000'],
  ['https://shop.example.com.evil.example', null],
  ['http://shop.example.com', null],
  ['null', null],
])('with origins configured, %s gets %s', async (origin, expected) => {
  for (const response of [
    await preflight(`${listed}/api/events`, origin),
    await post(`${listed}/api/events`, click(), { origin, 'x-write-key': 'key' }),
  ]) {
    expect(allowedOrigin(response)).toBe(expected);
    expect(response.headers.get('vary')).toBe('origin');
    await response.text();
  }
});

test.each(['/admin/ledger', '/admin/queues', '/api/statistics/keywords/top', '/api/search/recent/1'])(
  'no page of another site may read %s',
  async (path) => {
    const response = await send(`${tracker.url}${path}`, { origin: shop });
    expect(allowedOrigin(response)).toBe(null);
    expect(allowedOrigin(await preflight(`${tracker.url}${path}`))).toBe(null);
  },
);
