import { expect, test } from '@jest/globals';
import { withRunningStores } from '../src/index.ts';

const running = {
  pid: process.pid,
  databaseUrl: 'postgres://127.0.0.1:1/own',
  redisUrl: 'redis://127.0.0.1:1',
  apiUrl: 'http://127.0.0.1:8080',
};

test('a process on the database of the running system has its token, one on another has none', () => {
  const tokenOf = (env: Record<string, string>) => withRunningStores(env, running, 'made').ADMIN_TOKENS;
  expect(tokenOf({})).toBe('made');
  expect(tokenOf({ ADMIN_TOKENS: '' })).toBe('made');
  expect(tokenOf({ DATABASE_URL: running.databaseUrl })).toBe('made');
  expect(tokenOf({ ADMIN_TOKENS: 'mine' })).toBe('mine');
  expect(tokenOf({ DATABASE_URL: 'postgres://elsewhere/db' })).toBeUndefined();
  expect(withRunningStores({}, undefined, 'made')).toEqual({});
});
