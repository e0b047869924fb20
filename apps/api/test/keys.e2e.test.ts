import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { click, expectProblem, expectStatus, post } from './requests.ts';
import { startTracker, type Tracker } from './tracker.ts';

const keys = { WRITE_KEYS: 'write-1, write-2', API_KEYS: 'api-1,api-2', ADMIN_TOKENS: 'admin-1,admin-2' };

type Headers = Record<string, string>;

/** The places where a request may carry its key. */
const places: [name: string, headers: (key: string) => Headers, query: (key: string) => string][] = [
  ['a bearer token', (key) => ({ authorization: `Bearer ${key}` }), () => ''],
  ['X-Write-Key', (key) => ({ 'x-write-key': key }), () => ''],
  ['the user name of HTTP Basic', (key) => ({ authorization: basic(key, '') }), () => ''],
  ['?writeKey=', () => ({}), (key) => `writeKey=${key}`],
];

function basic(user: string, password: string): string {
  return `Basic ${Buffer.from(`${user}:${password}`).toString('base64')}`;
}

let tracker: Tracker;

beforeAll(async () => {
  tracker = await startTracker({ env: keys });
});

afterAll(() => tracker.stop());

const ingest = (headers: Headers = {}, query = '') =>
  post(`${tracker.url}/api/events?${query}`, click(), headers);
const read = (headers: Headers = {}, query = '') =>
  fetch(`${tracker.url}/api/statistics/keywords/top?${query}`, { headers });

async function expectUnauthorised(answering: Promise<Response>): Promise<void> {
  const response = await answering;
  expect(response.headers.get('www-authenticate')).toMatch(/^(Bearer|Basic) realm="/);
  await expectProblem(response, 401);
}

describe.each(places)('with a key as %s', (_name, headers, query) => {
  test.each(['write-1', 'write-2', 'api-1', 'api-2', 'admin-1', 'admin-2'])(
    '%s is good for ingest',
    async (key) => {
      await expectStatus(ingest(headers(key), query(key)), 202);
    },
  );

  test.each(['api-1', 'api-2', 'admin-1', 'admin-2'])('%s is good for all of /api', async (key) => {
    await expectStatus(read(headers(key), query(key)), 200);
  });

  test.each(['write-1', 'write-2'])('%s is good for ingest alone', async (key) => {
    await expectUnauthorised(read(headers(key), query(key)));
  });

  test.each(['write', 'write-1x', 'WRITE-1', 'write-1,write-2', '', 'undefined'])(
    '"%s" is no key',
    async (key) => {
      await expectUnauthorised(ingest(headers(key), query(key)));
      await expectUnauthorised(read(headers(key), query(key)));
    },
  );
});

test('an admin token is good as the password of HTTP Basic', async () => {
  await expectStatus(ingest({ authorization: basic('anybody', 'admin-1') }), 202);
  await expectStatus(read({ authorization: basic('anybody', 'admin-1') }), 200);
});

test('no key is no access', async () => {
  for (const path of ['/api/events', '/api/events/batch', '/api/users/events'])
    await expectUnauthorised(post(`${tracker.url}${path}`, click()));
  for (const path of ['/api/statistics', '/api/statistics/keywords/top', '/api/search/recent/1'])
    await expectUnauthorised(fetch(`${tracker.url}${path}`));
});

test('what cannot be read as credentials is no key', async () => {
  for (const authorization of ['write-1', 'Bearer', 'Basic', 'Basic !', 'Digest write-1', 'Basic write-1'])
    await expectUnauthorised(ingest({ authorization }));
});

test('the word Bearer may have any letter case', async () => {
  await expectStatus(ingest({ authorization: 'bEARER write-1' }), 202);
});

test('a refused key stands neither in the answer nor in the log', async () => {
  const response = await ingest({ authorization: 'Bearer guessed-secret' }, 'writeKey=guessed-secret');
  expect(await response.text()).not.toContain('guessed-secret');
  expect(tracker.api.output()).not.toMatch(/guessed-secret|write-1|api-1|admin-1/);
});

test('the probes need no key', async () => {
  await expectStatus(fetch(`${tracker.url}/healthz`), 200);
  await expectStatus(fetch(`${tracker.url}/readyz`), 200);
});

test('without keys both ingest and /api are open, and a key that is sent does no harm', async () => {
  const open = await tracker.addApi({ WRITE_KEYS: '', API_KEYS: '' });
  await expectStatus(post(`${open.url}/api/events`, click()), 202);
  await expectStatus(post(`${open.url}/api/events?writeKey=any`, click(), { 'x-write-key': 'any' }), 202);
  await expectStatus(fetch(`${open.url}/api/statistics/keywords/top?writeKey=any`), 200);
});

test('with write keys alone /api is open', async () => {
  const { url } = await tracker.addApi({ API_KEYS: '' });
  await expectStatus(fetch(`${url}/api/statistics/keywords/top`), 200);
  await expectUnauthorised(post(`${url}/api/events`, click()));
});
