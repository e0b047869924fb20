import { LaneUnavailable } from '@event-tracker/domain';
import { startTestRedis, until } from '@event-tracker/testing';
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { aBatch } from './support/a-batch.ts';
import { openTestLane, type TestLane } from './support/test-lane.ts';

let stores: TestLane;

beforeAll(async () => {
  stores = await openTestLane({ appendonly: 'no' });
});
afterAll(() => stores.close());

/** Why the lane is not healthy; empty when it is. */
const refusal = () =>
  stores.lane.health().then(
    () => '',
    (cause: Error) => cause.message,
  );

test('a Redis without an append-only file is refused, with the reason, until it has one', async () => {
  await until(async () => (await refusal()).includes('append-only file'));
  await expect(stores.lane.submit(aBatch())).rejects.toThrow(LaneUnavailable);
  await expect(stores.lane.submit(aBatch())).rejects.toThrow('set `appendonly yes`');

  await stores.redis.config('SET', 'appendonly', 'yes');
  await until(async () => /aof_rewrite_in_progress:0/.test(await stores.redis.info('persistence')));
  expect(await refusal()).toBe('');
  await stores.lane.submit(aBatch());
});

/** The lane itself finds out: nobody asks how it is. */
async function untilItTakes(taken: boolean): Promise<string> {
  let why = '';
  await until(async () => {
    why = await stores.lane.submit(aBatch()).then(
      () => '',
      (cause: Error) => cause.message,
    );
    return (why === '') === taken;
  });
  return why;
}

test.each(['allkeys-lru', 'volatile-lru', 'volatile-ttl', 'allkeys-random'])(
  'a Redis that is told to evict (%s) while it is in use is refused, with the reason, until it is not',
  async (policy) => {
    await stores.redis.config('SET', 'maxmemory-policy', policy);
    expect(await untilItTakes(false)).toContain(
      `\`maxmemory-policy ${policy}\`): set \`maxmemory-policy noeviction\``,
    );
    expect(await refusal()).toContain(policy);
    await stores.redis.config('SET', 'maxmemory-policy', 'noeviction');
    expect(await refusal()).toBe('');
    await stores.lane.submit(aBatch());
  },
);

test('an append-only file that is turned off while it is in use is noticed', async () => {
  await stores.redis.config('SET', 'appendonly', 'no');
  expect(await untilItTakes(false)).toContain('set `appendonly yes`');
  await stores.redis.config('SET', 'appendonly', 'yes');
  await untilItTakes(true);
});

test('a Redis that becomes a replica is refused, with the reason, and is connected to anew, until it is a primary', async () => {
  const primary = await startTestRedis();
  const { port, password } = new URL(primary.url);
  try {
    await stores.redis.config('SET', 'masterauth', decodeURIComponent(password));
    const { total } = await connections();
    await stores.redis.replicaof('127.0.0.1', Number(port));
    expect(await untilItTakes(false)).toMatch(/READONLY|Redis did not take the batch/);
    await until(async () => (await refusal()).includes(`is a replica of 127.0.0.1:${port}`));
    await until(async () => (await connections()).total > total);
    expect(await refusal()).toContain('takes no writes (READONLY)');
    await stores.redis.replicaof('NO', 'ONE');
    await untilItTakes(true);
    expect(await refusal()).toBe('');
  } finally {
    await primary.stop();
  }
});

/** Every connection that the store has taken since it began. */
async function connections(): Promise<{ total: number }> {
  const info = await stores.redis.info('stats');
  return { total: Number(/^total_connections_received:(\d+)/m.exec(info)?.[1]) };
}
