import { clientKeys } from '@event-tracker/runtime';
import { describe, expect, test } from '@jest/globals';

const here = 'http://127.0.0.1:8080';
const elsewhere = 'https://events.example.com';
const checkout = { apiUrl: here, token: 'made-by-start' };
const noCheckout = { apiUrl: undefined, token: 'made-by-start' };
const configured = { API_KEYS: ' a-secret, another', WRITE_KEYS: 'public', ADMIN_TOKENS: 'admin,second' };

test('API_KEY and ADMIN_TOKEN go wherever the command asks', () => {
  const env = { API_KEY: 'k', ADMIN_TOKEN: 't', ...configured };
  for (const url of [here, elsewhere])
    expect(clientKeys(url, env, checkout)).toEqual({ apiKey: 'k', adminToken: 't' });
});

describe('what configures the processes of this machine', () => {
  test('is sent to this machine', () => {
    for (const url of [here, 'http://localhost:9000', 'http://[::1]:9000'])
      expect(clientKeys(url, configured, noCheckout)).toEqual({ apiKey: 'a-secret', adminToken: 'admin' });
  });

  test('is sent to the system of this checkout on another address of this machine', () => {
    const onLan = { apiUrl: 'http://192.0.2.7:8080', token: undefined };
    expect(clientKeys(`${onLan.apiUrl}/`, configured, onLan).apiKey).toBe('a-secret');
  });

  test('is not sent elsewhere', () => {
    expect(clientKeys(elsewhere, configured, checkout)).toEqual({ apiKey: undefined, adminToken: undefined });
  });
});

test('the token that npm start has made is sent to that system alone', () => {
  expect(clientKeys(here, {}, checkout)).toEqual({ apiKey: 'made-by-start', adminToken: 'made-by-start' });
  for (const [url, of] of [
    ['http://127.0.0.1:9000', checkout],
    [here, noCheckout],
  ] as const)
    expect(clientKeys(url, {}, of)).toEqual({ apiKey: undefined, adminToken: undefined });
});

test('a token that is good for everything is taken before a key that is good for sending alone', () => {
  expect(clientKeys(here, { WRITE_KEYS: 'public', ADMIN_TOKENS: 'admin' }, noCheckout).apiKey).toBe('admin');
  expect(clientKeys(here, { WRITE_KEYS: 'public' }, noCheckout).apiKey).toBe('public');
});
