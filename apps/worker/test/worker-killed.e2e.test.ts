import { createTestDatabase, poll, startTestRedis, until, untilReady } from '@event-tracker/testing';
import { afterAll, expect, test } from '@jest/globals';
import { eachOnce, openTestSystem, type TestSystem } from './support/test-system.ts';

const takeOverLimitMs = 20_000;
const batches = 30;
const eventsEach = 20;

const closers: (() => unknown)[] = [];
afterAll(async () => {
  for (const close of closers.reverse()) await close();
});

async function openSystem(): Promise<TestSystem> {
  const [database, redis] = await Promise.all([createTestDatabase(), startTestRedis()]);
  closers.push(
    () => redis.stop(),
    () => database.drop(),
  );
  const system = await openTestSystem({ databaseUrl: database.url, redisUrl: redis.url });
  closers.push(() => system.close());
  return system;
}

// A worker that waits for `batch` has written nothing. One that waits for `pending_entry` has sent its commit already: once
// the lock is gone, PostgreSQL may carry it out for the dead, and the jobs come again all the same.
test.concurrent.each(['batch', 'pending_entry'] as const)(
  'batches of a worker that is killed while it waits for table %s are completed by another, and count once',
  async (table) => {
    const system = await openSystem();
    const doomed = await system.startWorker();
    await untilReady(doomed);
    const release = await system.lock(table);
    await system.putOnLane(batches, eventsEach);
    await until(async () => (await system.laneCounts()).active === batches);
    const other = await system.startWorker();
    await untilReady(other);

    doomed.signal('SIGKILL');
    expect(await doomed.ended).toBe('SIGKILL');
    await release();

    await until(async () => (await system.laneCounts()).completed === batches, {
      limitMs: takeOverLimitMs,
      what: 'the completion of every batch by the other worker',
    });
    expect(await system.outcomeAtRest()).toEqual(eachOnce(batches * eventsEach));
    const shown = await poll(async () => {
      const answer = await system.reader.ranking('CLICK', '24h', 10);
      return answer.status === 'fresh' ? answer.value : undefined;
    });
    expect(shown).toEqual([{ subject: '0000000000001002', count: batches * eventsEach }]);
  },
  45_000,
);
