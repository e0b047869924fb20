import { poll, type TestProcess } from '@event-tracker/testing';
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { click, expectProblem, expectStatus, post } from './requests.ts';
import { startTracker, type Tracker } from './tracker.ts';

const token = 'the-token';
const bearer = { authorization: `Bearer ${token}` };
let tracker: Tracker;
let replica: TestProcess;
let origin: string;

beforeAll(async () => {
  tracker = await startTracker({
    env: { ADMIN_TOKENS: `other,${token}`, API_KEYS: 'key', WRITE_KEYS: 'write', ADMIN_SESSION_HOURS: '3' },
  });
  replica = await tracker.addApi();
  origin = tracker.url;
});

afterAll(() => tracker.stop());

const session = (method: string, headers: Record<string, string>) =>
  fetch(`${tracker.url}/admin/session`, { method, headers });

async function open(): Promise<string> {
  const response = await session('POST', { ...bearer, origin });
  expect(response.status).toBe(204);
  return response.headers.get('set-cookie')!;
}

const cookie = async () => (await open()).split(';')[0]!;

test('a token is exchanged for a cookie that scripts and other sites cannot use', async () => {
  const setCookie = await open();
  expect(setCookie).toMatch(/^event-tracker-admin-[0-9a-f]{8}=[\w.-]+;/);
  expect(setCookie).not.toContain(token);
  for (const attribute of ['HttpOnly', 'SameSite=Strict', 'Path=/', 'Max-Age=10800'])
    expect(setCookie.split('; ')).toContain(attribute);
});

test('the cookie is good on admin routes and on all of /api, at every replica', async () => {
  const headers = { cookie: await cookie() };
  for (const url of [tracker.url, replica.url]) {
    await expectStatus(fetch(`${url}/admin/ledger`, { headers }), 200);
    await expectStatus(fetch(`${url}/api/statistics/keywords/top`, { headers }), 200);
  }
  await expectStatus(post(`${tracker.url}/api/events`, click(), { ...headers, origin }), 202);
});

test.each([
  ['no credentials', {}],
  ['an API key', { authorization: 'Bearer key' }],
  ['a wrong token', { authorization: 'Bearer wrong' }],
  ['a password, which a browser sends for any page', { authorization: `Basic ${btoa(`x:${token}`)}` }],
])('%s opens no session', async (_, headers) => {
  const response = await session('POST', headers as Record<string, string>);
  expect(response.headers.has('set-cookie')).toBe(false);
  await expectProblem(response, 401);
});

test('a session opens no other, so that it ends with its time', async () => {
  await expectProblem(session('POST', { cookie: await cookie(), origin }), 401);
});

test('only a page of the origin that opened it changes something by it', async () => {
  const own = await cookie();
  const replay = (headers: Record<string, string>) =>
    post(`${tracker.url}/admin/dead-letters/replay`, { ids: [1] }, { cookie: own, ...headers });
  await expectStatus(replay({ origin }), 200);
  await expectStatus(replay({ 'sec-fetch-site': 'same-origin' }), 200);
  for (const headers of [
    {},
    { origin: 'https://evil.example' },
    { origin: 'http://127.0.0.1:1' },
    { 'sec-fetch-site': 'same-site', origin },
  ])
    await expectProblem(replay(headers as Record<string, string>), 403);
  for (const headers of [{}, { origin: 'https://evil.example' }])
    await expectProblem(post(`${tracker.url}/api/events`, click(), { cookie: own, ...headers }), 401);
  await expectStatus(fetch(`${tracker.url}/admin/ledger`, { headers: { cookie: own } }), 200);
});

test('signing out makes the browser forget it', async () => {
  const response = await session('DELETE', { cookie: await cookie(), origin });
  expect(response.status).toBe(204);
  const name = (await cookie()).split('=')[0];
  expect(response.headers.getSetCookie()).toContain(`${name}=; Max-Age=0; Path=/; HttpOnly; SameSite=Strict`);
});

test('the log says who opened a session and who changed something, and holds neither token nor cookie', async () => {
  const changes = await poll(() => {
    const lines = tracker.api.output().split('\n');
    const found = lines.filter((line) => line.includes('an admin made a change'));
    return found.some((line) => line.includes('replay'))
      ? found.map((line) => JSON.parse(line).change)
      : undefined;
  });
  expect(changes).toContainEqual({
    by: expect.stringMatching(/^token [0-9a-f]{8}$/),
    method: 'POST',
    path: '/admin/session',
    status: 204,
  });
  expect(changes).toContainEqual({
    by: expect.stringMatching(/^session of token [0-9a-f]{8}$/),
    method: 'POST',
    path: '/admin/dead-letters/replay',
    status: 200,
  });
  expect(tracker.api.output()).not.toContain(token);
  expect(tracker.api.output()).not.toContain((await cookie()).split('=')[1]!.split('.')[2]!);
});
