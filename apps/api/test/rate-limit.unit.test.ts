import type { IncomingMessage, ServerResponse } from 'node:http';
import { describe, expect, test } from '@jest/globals';
import { createClientAddress } from '../src/http/client-address.ts';
import { Problem } from '../src/http/problem.ts';
import { createRateLimit } from '../src/http/rate-limit.ts';

function start(perSecond: number) {
  let at = 5000;
  const limit = createRateLimit(perSecond, () => at);
  let headers: Record<string, string> = {};
  const response = {
    setHeader: (name: string, value: unknown) => {
      headers[name] = String(value);
    },
  } as unknown as ServerResponse;
  /** Whether it was taken, and what the answer says. */
  function ask(client = 'a') {
    headers = {};
    try {
      limit(client, response);
      return { taken: true, ...headers };
    } catch (cause) {
      const { status, headers: more } = cause as Problem;
      expect(cause).toBeInstanceOf(Problem);
      return { taken: false, status, ...headers, ...more };
    }
  }
  const wait = (milliseconds: number) => {
    at += milliseconds;
  };
  return { ask, wait };
}

test.each([1, 3, 7, 1000])('%d requests a second are taken, one more is not', (perSecond) => {
  const { ask, wait } = start(perSecond);
  for (let second = 0; second < 3; second += 1) {
    const taken = Array.from({ length: perSecond + 5 }, () => ask().taken);
    expect(taken.filter(Boolean)).toHaveLength(perSecond);
    wait(1000);
  }
});

test('an answer says what is left, and a refusal when to come back', () => {
  const { ask } = start(2);
  expect(ask()).toMatchObject({ taken: true, 'ratelimit-limit': '2', 'ratelimit-remaining': '1' });
  expect(ask()).toMatchObject({ taken: true, 'ratelimit-remaining': '0', 'ratelimit-reset': '1' });
  expect(ask()).toMatchObject({
    taken: false,
    status: 429,
    'retry-after': '1',
    'ratelimit-remaining': '0',
    'ratelimit-reset': '1',
  });
});

test('an allowance fills up steadily', () => {
  const { ask, wait } = start(10);
  while (ask().taken);
  wait(99);
  expect(ask().taken).toBe(false);
  wait(1);
  expect(ask().taken).toBe(true);
  expect(ask().taken).toBe(false);
});

test('clients do not share an allowance', () => {
  const { ask } = start(1);
  expect([ask('a').taken, ask('b').taken, ask('a').taken, ask('b').taken]).toEqual([
    true,
    true,
    false,
    false,
  ]);
});

test('whoever keeps asking is not forgotten while generations change', () => {
  const { ask, wait } = start(2);
  let taken = 0;
  for (let step = 0; step < 1000; step += 1) {
    if (ask().taken) taken += 1;
    wait(10);
  }
  expect(taken).toBeGreaterThanOrEqual(20);
  expect(taken).toBeLessThanOrEqual(22);
});

describe('the address of a client', () => {
  const from = (trustedProxies: number, remoteAddress: string, forwarded?: string) =>
    createClientAddress(trustedProxies)({
      headers: forwarded === undefined ? {} : { 'x-forwarded-for': forwarded },
      socket: { remoteAddress },
    } as unknown as IncomingMessage);

  test("is the socket's, whatever a header says, when no proxy is trusted", () => {
    expect(from(0, '192.0.2.1', '198.51.100.7')).toBe('192.0.2.1');
  });

  test('is what the trusted proxies saw: what the client wrote stands further left', () => {
    expect(from(1, '10.0.0.1', '203.0.113.9, 198.51.100.7')).toBe('198.51.100.7');
    expect(from(2, '10.0.0.1', '203.0.113.9, 198.51.100.7, 10.0.0.2')).toBe('198.51.100.7');
    expect(from(1, '10.0.0.1')).toBe('10.0.0.1');
    expect(from(3, '10.0.0.1', '198.51.100.7')).toBe('198.51.100.7');
  });

  test('is that of the network where a subscriber has a whole one', () => {
    expect(from(0, '2001:db8:1:2:3:4:5:6')).toBe('2001:db8:1:2');
    expect(from(0, '2001:db8:1:2::9')).toBe('2001:db8:1:2');
    expect(from(0, '2001:db8::1')).toBe('2001:db8:0:0');
    expect(from(0, '::ffff:192.0.2.1')).toBe('192.0.2.1');
    expect(from(0, 'fe80::1%eth0')).toBe('fe80:0:0:0');
  });

  test.each([
    ['1.2.3.4:5678', '1.2.3.4'],
    ['1.2.3.4', '1.2.3.4'],
    ['[2001:db8::1]:443', '2001:db8:0:0'],
    ['[2001:db8::1]', '2001:db8:0:0'],
    ['2001:DB8::1', '2001:db8:0:0'],
    ['2001:0db8:0000:0000:0000:0000:0000:0001', '2001:db8:0:0'],
    ['::ffff:0102:0304', '1.2.3.4'],
    ['::ffff:1.2.3.4', '1.2.3.4'],
    ['0:0:0:0:0:ffff:102:304', '1.2.3.4'],
    ['[::ffff:1.2.3.4]:80', '1.2.3.4'],
    ['64:ff9b::102:304', '1.2.3.4'],
    ['::ffff:0:102:304', '1.2.3.4'],
  ])('a proxy may write it as %s: it is %s', (written, address) => {
    expect(from(1, '10.0.0.1', written)).toBe(address);
  });

  test.each(['unknown', '_hidden', '256.1.1.1', '1.2.3', '12345', ':::', '', '<script>', '1'.repeat(80)])(
    'what a proxy writes and is none, such as %j, counts as that of the proxy',
    (written) => {
      expect(from(1, '10.0.0.1', written)).toBe('10.0.0.1');
    },
  );

  test('addresses of version 4 that are mapped to 6 are clients of their own', () => {
    expect(from(1, '::1', '::ffff:0102:0304')).not.toBe(from(1, '::1', '::ffff:0102:0305'));
  });
});
