import { expect, test } from '@jest/globals';
import { checkNamedStores } from '../src/backup/check-named-stores.ts';

const stores = {
  pid: 1,
  databaseUrl: 'postgres://postgres:secret@127.0.0.1:15432/event_tracker',
  redisUrl: 'redis://:secret@127.0.0.1:16379',
  apiUrl: 'http://127.0.0.1:8080',
};

test.each([
  [{}],
  [{ DATABASE_URL: '', REDIS_URL: '' }],
  [{ DATABASE_URL: stores.databaseUrl, REDIS_URL: stores.redisUrl }],
])('stores that are not named, or are those that run, are backed up: %j', (env) => {
  expect(() => checkNamedStores(stores, env)).not.toThrow();
});

test('a store that is named and is another one is not passed over', () => {
  const elsewhere = { DATABASE_URL: 'postgres://me:my-password@db.example.com/shop' };
  expect(() => checkNamedStores(stores, elsewhere)).toThrow(/^DATABASE_URL names another store/);
  const both = { ...elsewhere, REDIS_URL: 'redis://:my-password@redis.example.com' };
  expect(() => checkNamedStores(stores, both)).toThrow(
    /^DATABASE_URL and REDIS_URL name another store .* DATABASE_URL= REDIS_URL= npm run backup -- DIR/,
  );
  expect(() => checkNamedStores(stores, both)).not.toThrow(/my-password|secret/);
});
