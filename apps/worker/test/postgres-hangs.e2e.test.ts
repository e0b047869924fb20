import { startTestPostgres, startTestRedis, type TestStore, until } from '@event-tracker/testing';
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { openTestQuarantine, type TestQuarantine } from './support/test-quarantine.ts';
import { eachOnce, openTestSystem, type TestSystem } from './support/test-system.ts';

const closers: (() => unknown)[] = [];
let postgres: TestStore;
let system: TestSystem;
let quarantine: TestQuarantine;
let output: () => string;
let put = 0;

beforeAll(async () => {
  const [database, redis] = await Promise.all([
    startTestPostgres(),
    startTestRedis({ appendfsync: 'everysec' }),
  ]);
  postgres = database;
  closers.push(
    () => postgres.stop(),
    () => redis.stop(),
  );
  system = await openTestSystem({ databaseUrl: postgres.url, redisUrl: redis.url });
  closers.push(() => system.close());
  quarantine = openTestQuarantine(system.redis);
  closers.push(() => quarantine.close());
  ({ output } = await system.startWorker({ DATABASE_TIMEOUT_MS: '1000' }));
});
afterAll(async () => {
  for (const close of closers.reverse()) await close();
});

async function expectNothingGivenUp(): Promise<void> {
  expect(await system.laneCounts()).toMatchObject({ delayed: 0, failed: 0 });
  expect(await quarantine.waiting()).toBe(0);
}

const times = (text: string) => output().split(text).length - 1;

test.each([
  ['hangs', async () => postgres.pause(), async () => postgres.resume()],
  ['is killed', () => postgres.kill(), () => postgres.start()],
])(
  'a PostgreSQL that %s is waited for in the middle of a commit, and no batch pays for it',
  async (_, begin, end) => {
    const release = await system.lock('pending_entry');
    await system.putOnLane(10, 10);
    put += 100;
    await until(async () => (await system.commitsWaiting()) > 0);
    const before = times('PostgreSQL is away');
    await begin();
    try {
      await until(() => times('PostgreSQL is away') > before, { what: 'the outage in the log' });
      await expectNothingGivenUp();
    } finally {
      await end();
    }
    await release();
    expect(await system.outcomeAtRest()).toEqual(eachOnce(put));
    await expectNothingGivenUp();
    expect(await system.deadLetters()).toBe(0);
  },
  60_000,
);
