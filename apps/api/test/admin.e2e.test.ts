import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { expectProblem, expectStatus, send } from './requests.ts';
import { startTracker, type Tracker } from './tracker.ts';

let tracker: Tracker;
let guarded: string;

beforeAll(async () => {
  tracker = await startTracker();
  guarded = (await tracker.addApi({ ADMIN_TOKENS: 'token-1, token-2', API_KEYS: 'key', WRITE_KEYS: 'write' }))
    .url;
});

afterAll(() => tracker.stop());

const routes = ['/admin/ledger', '/admin/queues', '/admin/queues/api/queues'];

describe.each(routes)('%s without tokens', (route) => {
  const ask = (headers: Record<string, string> = {}) => send(`${tracker.url}${route}`, headers);

  test.each([
    ['nothing more', {}],
    ['its own name', { host: 'localhost:8080' }],
    ['its own address', { host: '127.0.0.1' }],
    ['its own address of version 6', { host: '[::1]:8080' }],
    ['an origin of its own', { host: 'localhost:8080', origin: 'http://127.0.0.1:8080' }],
  ])('answers on loopback with %s', async (_, headers) => {
    expect((await ask(headers as Record<string, string>)).status).toBe(200);
  });

  test.each([
    ['a foreign host', { host: 'tracker.example.com' }],
    ['a foreign host that looks like loopback', { host: '127.0.0.1.example.com' }],
    ['a foreign origin', { origin: 'https://example.com' }],
    ['an opaque origin', { origin: 'null' }],
    ['the page of another server on this machine', { origin: 'http://localhost:1' }],
    ['X-Forwarded-Port', { 'x-forwarded-port': '80' }],
    ['CF-Connecting-IP', { 'cf-connecting-ip': '127.0.0.1' }],
    ['Forwarded', { forwarded: 'for=192.0.2.1' }],
    ['X-Forwarded-For', { 'x-forwarded-for': '127.0.0.1' }],
    ['X-Forwarded-Host', { 'x-forwarded-host': 'localhost' }],
    ['X-Forwarded-Proto', { 'x-forwarded-proto': 'https' }],
    ['X-Real-IP', { 'x-real-ip': '127.0.0.1' }],
    ['Via', { via: '1.1 proxy' }],
  ])('is forbidden with %s', async (_, headers) => {
    await expectProblem(ask(headers as Record<string, string>), 403);
  });
});

describe.each(routes)('%s with tokens', (route) => {
  const ask = (headers: Record<string, string> = {}) => send(`${guarded}${route}`, headers);
  const basic = (user: string, password: string) =>
    `Basic ${Buffer.from(`${user}:${password}`).toString('base64')}`;

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
  ])('asks for a token when it gets %s', async (_, headers) => {
    const response = await ask(headers as Record<string, string>);
    expect(response.headers.get('www-authenticate')).toMatch(/Basic realm=.*Bearer realm=/);
    await expectProblem(response, 401);
  });
});

test('the rest of the API does not care how it is reached', async () => {
  for (const path of ['/healthz', '/api/statistics/keywords/top'])
    await expectStatus(send(`${tracker.url}${path}`, { host: 'example.com', via: '1.1 proxy' }), 200);
});
