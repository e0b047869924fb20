import { createTestDatabase, poll, startTestRedis, until, untilReady } from '@event-tracker/testing';
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { runRebuild } from './support/run-rebuild.ts';
import { eachOnce, openTestSystem, type TestSystem } from './support/test-system.ts';

const component = '0000000000001002';
const closers: (() => unknown)[] = [];
let system: TestSystem;

beforeAll(async () => {
  const [database, redis] = await Promise.all([createTestDatabase(), startTestRedis()]);
  closers.push(
    () => redis.stop(),
    () => database.drop(),
  );
  system = await openTestSystem({ databaseUrl: database.url, redisUrl: redis.url });
  closers.push(() => system.close());
});
afterAll(async () => {
  for (const close of closers.reverse()) await close();
});

const ranking = () =>
  poll(async () => {
    const answer = await system.reader.ranking('CLICK', '24h', 10);
    return answer.status === 'fresh' ? answer.value : undefined;
  });

test('a rebuild beside two workers under load makes the views equal to the ledger, even where they were too high', async () => {
  const workers = await Promise.all([system.startWorker(), system.startWorker()]);
  await Promise.all(workers.map(untilReady));
  await system.putOnLane(10, 20);
  await system.outcomeAtRest();
  for (const key of await system.redis.keys('view:{component}:CLICK:*'))
    await system.redis.zincrby(key, 1_000_000, component);
  expect((await ranking())[0]!.count).toBeGreaterThan(1_000_000);

  let rebuilt = false;
  let put = 200;
  const traffic = (async () => {
    while (!rebuilt) {
      await system.putOnLane(5, 20);
      put += 100;
    }
  })();
  const rebuild = await runRebuild(system.env);
  rebuilt = true;
  await traffic;

  expect(rebuild).toMatchObject({ code: 0, errors: '' });
  expect(rebuild.output).toMatch(
    /Made the views anew from PostgreSQL: \d+ counts in \d+\.\d s, \d+ a second\.\n$/,
  );
  expect(await system.outcomeAtRest()).toEqual(eachOnce(put));
  await until(async () => (await ranking())[0]!.count === put);
});
