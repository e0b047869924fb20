import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { click, expectProblem, post } from './requests.ts';
import { startTracker, type Tracker } from './tracker.ts';

let tracker: Tracker;
let keyed: string;

beforeAll(async () => {
  tracker = await startTracker({ env: { RATE_LIMIT: '3' } });
  const keys = { WRITE_KEYS: 'write-1,write-2', API_KEYS: 'api', ADMIN_TOKENS: 'token' };
  keyed = (await tracker.addApi({ ...keys, TRUST_PROXY: '1' })).url;
});

afterAll(() => tracker.stop());

type Headers = Record<string, string>;

const send = (url: string, headers: Headers = {}) => post(`${url}/api/events`, click(), headers);

/** So many at once; the statuses of their answers. */
async function statuses(count: number, ask: () => Promise<Response>): Promise<number[]> {
  const answers = await Promise.all(Array.from({ length: count }, ask));
  await Promise.all(answers.map((answer) => answer.text()));
  return answers.map(({ status }) => status);
}

const count = (all: number[], status: number) => all.filter((one) => one === status).length;

test('more than so many requests a second from one address are refused, events and reads together', async () => {
  const reads: Promise<Response>[] = [];
  const events = await statuses(12, () => {
    reads.push(fetch(`${tracker.url}/api/statistics/keywords/top`));
    return send(tracker.url);
  });
  const all = await Promise.all(reads);
  const taken = count(events, 202) + all.filter(({ ok }) => ok).length;
  expect(taken).toBeGreaterThanOrEqual(3);
  expect(taken).toBeLessThan(12);
  const refused = all.find(({ status }) => status === 429)!;
  expect(Number(refused.headers.get('retry-after'))).toBeGreaterThanOrEqual(1);
  expect(refused.headers.get('ratelimit-limit')).toBe('3');
  expect(refused.headers.get('ratelimit-remaining')).toBe('0');
  await expectProblem(refused, 429);
});

test('the probes are not counted', async () => {
  expect(count(await statuses(20, () => fetch(`${tracker.url}/healthz`)), 200)).toBe(20);
});

test('each key has an allowance of its own', async () => {
  const [one, other] = await Promise.all(
    ['write-1', 'write-2'].map((key) =>
      statuses(10, () => send(keyed, { 'x-write-key': key, 'x-forwarded-for': '192.0.2.1' })),
    ),
  );
  for (const all of [one!, other!]) {
    expect(count(all, 202)).toBeGreaterThanOrEqual(3);
    expect(count(all, 429)).toBeGreaterThanOrEqual(4);
  }
});

test('one flooder with a public key shuts out no other visitor who has it', async () => {
  let last = 0;
  const visit = (addressOf: (at: number) => string) => () => {
    last += 1;
    return send(keyed, { 'x-write-key': 'write-1', 'x-forwarded-for': addressOf(last) });
  };
  // Each time from another port, or from elsewhere in a /64: the same visitor.
  for (const floods of [
    (at: number) => `198.51.100.1:${40_000 + at}`,
    (at: number) => `[2001:db8:0:2::${at}]:443`,
  ])
    expect(count(await statuses(20, visit(floods)), 429)).toBeGreaterThanOrEqual(10);
  for (const address of ['198.51.100.2', '2001:db8:0:1::1', '::ffff:198.51.100.3'])
    expect([
      address,
      await statuses(
        1,
        visit(() => address),
      ),
    ]).toEqual([address, [202]]);
});

test('a secret key has one allowance, wherever the requests come from', async () => {
  let last = 0;
  const all = await statuses(20, () => {
    last += 1;
    return send(keyed, { 'x-write-key': 'api', 'x-forwarded-for': `203.0.113.${last}` });
  });
  expect(count(all, 429)).toBeGreaterThanOrEqual(10);
});

test('guesses share the allowance of their address, as the trusted proxy tells it', async () => {
  const guess = (address: string) => () =>
    send(keyed, { 'x-write-key': 'guess', 'x-forwarded-for': `203.0.113.5, ${address}` });
  expect(count(await statuses(10, guess('192.0.2.7')), 429)).toBeGreaterThanOrEqual(4);
  expect(count(await statuses(1, guess('192.0.2.8')), 401)).toBe(1);
});

test('tries to open a session with guesses are held up', async () => {
  const guess = () =>
    fetch(`${keyed}/admin/session`, {
      method: 'POST',
      headers: { authorization: 'Bearer guess', 'x-forwarded-for': '192.0.2.10' },
    });
  expect(count(await statuses(10, guess), 429)).toBeGreaterThanOrEqual(4);
});

test('whoever guesses an admin token is held up, whoever has one is not', async () => {
  const ask = (token: string) => () =>
    fetch(`${keyed}/admin/ledger`, {
      headers: { authorization: `Bearer ${token}`, 'x-forwarded-for': '192.0.2.9' },
    });
  expect(count(await statuses(10, ask('guess')), 429)).toBeGreaterThanOrEqual(4);
  expect(count(await statuses(10, ask('token')), 200)).toBe(10);
});
