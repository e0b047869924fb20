import { startTestRedis, startTestViewsRedis, type TestStore, until } from '@event-tracker/testing';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from '@jest/globals';
import { connectRedis, createFormerViews, type Redis } from '../src/index.ts';
import { cacheVersion } from '../src/redis/cache/cache-entry.ts';
import { cacheKeys } from '../src/redis/keys.ts';
import { anEvent } from './support/builders.ts';
import { openTestKeeper, type TestKeeper } from './support/test-keeper.ts';

let lane: TestStore;
let views: TestStore;
const opened: Redis[] = [];

beforeAll(async () => {
  [lane, views] = await Promise.all([startTestRedis({ appendfsync: 'everysec' }), startTestViewsRedis()]);
});
afterEach(() => {
  for (const redis of opened.splice(0)) redis.disconnect();
});
afterAll(async () => {
  await Promise.all([lane.stop(), views.stop()]);
});

async function connect(url: string, name: string): Promise<Redis> {
  const redis = connectRedis({ url, name, mode: 'fail-fast', commandTimeoutMs: 5000, onError() {} });
  opened.push(redis);
  await until(() => redis.status === 'ready');
  return redis;
}

const laneKeys = ['{lane}:events:meta', '{lane}:events:1', '{lane}:quarantine:wait', 'another'];
const formerKeys = [
  'view:{post}:complete',
  'view:{post}:token',
  'view:{post}:LIKE:minute:2026-11-22T10:34',
  'view:{keyword}:recent:42',
  cacheKeys.value('popular', cacheVersion, '24h'),
  cacheKeys.entries('search'),
];

describe("views that are left in the fast lane's Redis", () => {
  let redis: Redis;
  let viewsRedis: Redis;
  let former: ReturnType<typeof createFormerViews>;
  const ending = new AbortController();

  beforeEach(async () => {
    redis = await connect(lane.url, 'quarantine');
    viewsRedis = await connect(views.url, 'views');
    await redis.flushall();
    for (const key of [...laneKeys, ...formerKeys]) await redis.set(key, '1');
    former = createFormerViews({ redis, viewsRedis });
  });

  const left = async () => (await redis.keys('*')).sort();

  test('are deleted, with the caches, and nothing else is', async () => {
    for (let user = 0; user < 500; user += 1) await redis.set(`view:{keyword}:recent:${user}`, '1');
    expect(await former.areUsed()).toBe(false);
    expect(await former.delete(ending.signal)).toBe(505);
    expect(await left()).toEqual([...laneKeys].sort());
  });

  test.each(['views', 'rebuild'])('are used while a connection to them stands (%s)', async (name) => {
    const user = await connect(lane.url, name);
    expect(await former.areUsed()).toBe(true);
    expect(await former.delete(ending.signal)).toBe(0);
    expect(await left()).toEqual([...laneKeys, ...formerKeys].sort());
    user.disconnect();
    await until(async () => !(await former.areUsed()));
  });

  test('stay where Redis does not say who is connected', async () => {
    await redis.acl('SETUSER', 'plain', 'on', '>a-password', '~*', '+@all', '-client|list');
    const address = new URL(lane.url);
    [address.username, address.password] = ['plain', 'a-password'];
    const plain = await connect(address.href, 'quarantine');
    const blind = createFormerViews({ redis: plain, viewsRedis });
    await expect(blind.areUsed()).rejects.toThrow('NOPERM');
    await expect(blind.delete(ending.signal)).rejects.toThrow('NOPERM');
    expect(await left()).toEqual([...laneKeys, ...formerKeys].sort());
  });

  test('are not used by views in another database of that server', async () => {
    await connect(`${lane.url}/1`, 'views');
    expect(await former.areUsed()).toBe(false);
  });

  test('are kept while the lease of one of them stands', async () => {
    await redis.set('view:{component}:lease', '1');
    expect(await former.areKept()).toBe(true);
    await redis.del('view:{component}:lease');
    expect(await former.areKept()).toBe(false);
  });

  test('are not called whole any more once nobody keeps them: whoever keeps them again makes them anew', async () => {
    await redis.set('view:{post}:lease', '1');
    expect(await former.areKept()).toBe(true);
    expect(await redis.exists('view:{post}:complete', 'view:{post}:token')).toBe(2);
    await redis.del('view:{post}:lease');
    expect(await former.areKept()).toBe(false);
    expect(await redis.exists('view:{post}:complete', 'view:{post}:token')).toBe(0);
  });

  test('are not kept while that Redis hangs or is away, and that is known within seconds', async () => {
    await redis.set('view:{post}:lease', '1');
    redis.disconnect();
    const since = performance.now();
    expect(await former.areKept()).toBe(false);
    expect(performance.now() - since).toBeLessThan(3000);
  });
});

test('two names of one database are one: nothing there is former', async () => {
  const redis = await connect(lane.url, 'quarantine');
  const other = new URL(lane.url);
  other.hostname = 'localhost';
  const viewsRedis = await connect(other.href, 'views');
  await redis.flushall();
  await redis.set('view:{post}:lease', '1');
  await redis.set('view:{keyword}:complete', '1');
  const former = createFormerViews({ redis, viewsRedis });
  expect([await former.areKept(), await former.areUsed()]).toEqual([false, true]);
  expect(await former.delete(new AbortController().signal)).toBe(0);
  expect(await redis.exists('view:{keyword}:complete', 'view:{post}:lease')).toBe(2);
});

describe('a keeper', () => {
  let stores: TestKeeper;
  let elsewhere: boolean;
  beforeAll(async () => {
    stores = await openTestKeeper();
  });
  beforeEach(() => stores.empty());
  afterAll(() => stores.close());

  test('pays nothing and calls nothing fresh while workers keep views elsewhere; then it makes them', async () => {
    const { anotherKeeper, shown, debts } = stores;
    elsewhere = false;
    const keeper = anotherKeeper(undefined, async () => elsewhere);
    await stores.commitShown([anEvent()]);
    await until(async () => {
      await keeper.keep();
      return (await shown.reader.ranking('CLICK', '1h', 1)).status === 'fresh';
    });

    elsewhere = true;
    await keeper.keep();
    expect((await shown.reader.ranking('CLICK', '1h', 1)).status).toBe('behind');
    expect((await shown.reader.ranking('CLICK', '1h', 1, 'complete')).status).toBe('behind');
    await stores.commitUnshown([anEvent()]);
    await stores.ageDebts(2000);
    await keeper.keep();
    expect(await debts.olderThan(0, 10)).toHaveLength(1);

    elsewhere = false;
    await until(async () => {
      await keeper.keep();
      return (await shown.reader.ranking('CLICK', '1h', 1)).status === 'fresh';
    });
    expect(await stores.differences()).toEqual([]);
  });
});
