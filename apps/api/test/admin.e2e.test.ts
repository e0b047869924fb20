import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { expectProblem, expectStatus, send } from './requests.ts';
import { startTracker, type Tracker } from './tracker.ts';

let tracker: Tracker;
let guarded: string;

beforeAll(async () => {
  tracker = await startTracker({ env: { ADMIN_TOKENS: '' } });
  guarded = (await tracker.addApi({ ADMIN_TOKENS: 'token-1, token-2', API_KEYS: 'key', WRITE_KEYS: 'write' }))
    .url;
});

afterAll(() => tracker.stop());

type Headers = Record<string, string>;

const routes = [
  ['GET', '/admin/ledger'],
  ['GET', '/admin/ledger/entered'],
  ['GET', '/admin/lanes'],
  ['GET', '/admin/dead-letters'],
  ['POST', '/admin/dead-letters/replay'],
  ['GET', '/admin/queues'],
  ['GET', '/admin/queues/api/queues'],
  ['PUT', '/admin/queues/api/queues/pause'],
  ['POST', '/admin/session'],
  ['DELETE', '/admin/session'],
] as const;

describe.each(routes)('%s %s without tokens', (method, route) => {
  test.each([
    ['nothing more', {}],
    ['its own name', { host: 'localhost:8080' }],
    ['its own address of version 6', { host: '[::1]:8080' }],
    ['an origin of its own', { host: 'localhost:8080', origin: 'http://localhost:8080' }],
    ['a foreign host', { host: 'tracker.example.com' }],
    ['X-Forwarded-For', { 'x-forwarded-for': '127.0.0.1' }],
    ['a token that nobody configured', { authorization: 'Bearer token-1' }],
    ['an empty token', { authorization: 'Bearer ' }],
    ['an empty password', { authorization: basic('', '') }],
  ] as [string, Headers][])('is forbidden on loopback, with %s', async (_, headers) => {
    const { detail } = await expectProblem(send(`${tracker.url}${route}`, headers, method), 403);
    expect(detail).toContain('set ADMIN_TOKENS');
  });
});

const reads = routes.filter(([method, route]) => method === 'GET' && route !== '/admin/dead-letters');

describe.each(reads)('%s %s with tokens', (_method, route) => {
  const ask = (headers: Headers = {}) => send(`${guarded}${route}`, headers);

  test.each([
    ['a bearer token', 'Bearer token-1'],
    ['another bearer token', 'Bearer token-2'],
    ['the password of HTTP Basic', basic('anybody', 'token-1')],
    ['the password of HTTP Basic without a name', basic('', 'token-2')],
  ])('answers to %s', async (_, authorization) => {
    expect((await ask({ authorization })).status).toBe(200);
  });

  test('answers to a token from behind a proxy, under any name', async () => {
    const headers = { authorization: 'Bearer token-1', host: 'example.com', 'x-forwarded-for': '192.0.2.1' };
    expect((await ask(headers)).status).toBe(200);
  });

  test.each([
    ['nothing', {}],
    ['a wrong token', { authorization: 'Bearer token' }],
    ['all tokens at once', { authorization: 'Bearer token-1, token-2' }],
    ['a wrong password', { authorization: basic('anybody', 'x') }],
    ['an API key', { authorization: 'Bearer key' }],
    ['a write key', { authorization: 'Bearer write' }],
    ['a token where write keys stand', { 'x-write-key': 'token-1' }],
    ['a cookie that nobody signed', { cookie: 'event-tracker-admin=token-1; event-tracker-admin-0=1.2.3' }],
  ] as [string, Headers][])('asks for a token when it gets %s', async (_, headers) => {
    const response = await ask(headers);
    expect(response.headers.get('www-authenticate')).toMatch(/Basic realm=.*Bearer realm=/);
    await expectProblem(response, 401);
  });

  test('does not make a browser ask for a password when a script handles the refusal itself', async () => {
    const response = await ask({ 'x-requested-with': 'fetch' });
    expect(response.headers.get('www-authenticate')).toMatch(/^Bearer realm=/);
    await expectProblem(response, 401);
  });
});

function basic(user: string, password: string): string {
  return `Basic ${Buffer.from(`${user}:${password}`).toString('base64')}`;
}

test.each(reads)('%s %s is kept by no cache on its way', async (_method, route) => {
  const response = await send(`${guarded}${route}`, { authorization: 'Bearer token-1' });
  expect(response.headers.get('cache-control')).toBe('no-store');
});

test('the rest of the API does not care how it is reached', async () => {
  for (const path of ['/healthz', '/api/statistics/keywords/top'])
    await expectStatus(send(`${tracker.url}${path}`, { host: 'example.com', via: '1.1 proxy' }), 200);
});
