import type { IncomingMessage } from 'node:http';
import { describe, expect, test } from '@jest/globals';
import { createAdminAccess, createAdminSessions } from '../src/index.ts';

const hourMs = 3_600_000;
const own = 'https://tracker.example.com';
const path = '/';
let at = 1_800_000_000_000;
const now = () => at;
const sessionsOf = (...tokens: string[]) => createAdminSessions({ tokens, now });
const sessions = sessionsOf('token-1', 'token-2');
const check = createAdminAccess(['token-1', 'token-2'], sessions);

const request = (headers: Record<string, string>, method = 'GET') =>
  ({ method, headers }) as unknown as IncomingMessage;
const cookieOf = (setCookie: string) => setCookie.split(';')[0]!;
const open = (token = 'token-2', origin = own, hours = 1) =>
  cookieOf(sessions.open(token, origin, { hours, path }));

describe('a session', () => {
  test('is as good as its token, and says whose it is', () => {
    const cookie = `theme=dark; ${open()}; other=1`;
    expect(check(request({ cookie }))).toEqual({
      status: 'granted',
      by: expect.stringMatching(/^session of token [0-9a-f]{8}$/),
    });
  });

  test('is no secret of the token: the cookie does not hold it, and is out of reach of scripts and other sites', () => {
    const setCookie = sessions.open('token-1', own, { hours: 2, path: '/et' });
    expect(setCookie).not.toContain('token-1');
    expect(setCookie.split('; ').slice(1).sort()).toEqual([
      'HttpOnly',
      'Max-Age=7200',
      'Path=/et',
      'SameSite=Strict',
      'Secure',
    ]);
    expect(sessions.open('token-1', 'http://127.0.0.1:8080', { hours: 2, path })).not.toContain('Secure');
  });

  test('ends with its time', () => {
    const cookie = open();
    at += hourMs - 1;
    expect(check(request({ cookie })).status).toBe('granted');
    at += 1;
    expect(check(request({ cookie })).status).toBe('token-required');
  });

  test('ends with its token, and is known to every process that has it', () => {
    const cookie = open();
    expect(sessionsOf('token-2').find(request({ cookie }))).toMatchObject({ origin: own });
    expect(sessionsOf('token-1').find(request({ cookie }))).toBeUndefined();
    expect(sessionsOf().find(request({ cookie }))).toBeUndefined();
  });

  test('cannot be altered', () => {
    const [name, value = ''] = open().split('=');
    const [expiresAt, origin, signature] = value.split('.');
    for (const forged of [
      `${Number(expiresAt) + hourMs}.${origin}.${signature}`,
      `${expiresAt}.${Buffer.from('https://evil.example').toString('base64url')}.${signature}`,
      `${expiresAt}.${origin}.`,
      `${expiresAt}.${origin}`,
      `${expiresAt}.${origin}.${signature}.x`,
      '..',
      '',
    ])
      expect([forged, check(request({ cookie: `${name}=${forged}` })).status]).toEqual([
        forged,
        'token-required',
      ]);
  });
});

describe('a change', () => {
  const change = (headers: Record<string, string>) => check(request(headers, 'POST')).status;
  const cookie = () => open();

  test.each([
    ['a page of the same origin', { 'sec-fetch-site': 'same-origin', origin: own }],
    ['the page that opened it, where the browser says no more', { origin: own, host: '127.0.0.1:8080' }],
  ])('by session from %s is made', (_, headers) => {
    expect(change({ cookie: cookie(), ...headers })).toBe('granted');
  });

  test.each([
    ['another site', { 'sec-fetch-site': 'cross-site', origin: 'https://evil.example' }],
    ['another host of this site', { 'sec-fetch-site': 'same-site', origin: 'https://blog.example.com' }],
    ['another site in an old browser', { origin: 'https://evil.example' }],
    ['another port', { origin: `${own}:8443` }],
    ['another scheme', { origin: 'http://tracker.example.com' }],
    ['a page without an origin', { origin: 'null' }],
    [
      'a page on the host that the request names',
      { origin: 'http://127.0.0.1:8080', host: '127.0.0.1:8080' },
    ],
    ['nobody knows where', {}],
    ['an address that was typed', { 'sec-fetch-site': 'none' }],
  ])('by session from %s is refused', (_, headers) => {
    expect(change({ cookie: cookie(), ...(headers as Record<string, string>) })).toBe('foreign-page');
  });

  const password = { authorization: `Basic ${Buffer.from('x:token-1').toString('base64')}` };

  test.each([
    ['a program', {}],
    ['a page of the same origin', { 'sec-fetch-site': 'same-origin', origin: own, host: '127.0.0.1:8080' }],
    ['a page of this host', { origin: own, host: 'tracker.example.com' }],
    [
      'a page of the host before the proxy',
      { origin: own, host: 'x', 'x-forwarded-host': 'tracker.example.com' },
    ],
  ])('by password from %s is made', (_, headers) => {
    expect(change({ ...password, ...headers })).toBe('granted');
  });

  test.each([
    ['another site', { 'sec-fetch-site': 'cross-site', host: 'tracker.example.com' }],
    ['another host', { origin: 'https://evil.example', host: 'tracker.example.com' }],
    ['a page without an origin', { origin: 'null', host: 'tracker.example.com' }],
  ])('by password from %s is refused', (_, headers) => {
    expect(change({ ...password, ...headers })).toBe('foreign-page');
  });
});
