import { until } from '@event-tracker/testing';
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { measureDurableLane, readDurableLane, startDurableLaneConsumer } from '../src/index.ts';
import { aBatch } from './support/a-batch.ts';
import { heldAtWill } from './support/consumer-contract.ts';
import { openTestDurableLane, queryTimeoutMs, type TestDurableLane } from './support/test-durable-lane.ts';

let stores: TestDurableLane;

beforeAll(async () => {
  stores = await openTestDurableLane();
});
afterAll(() => stores.close());

test('a batch that is put on the lane in a transaction goes with it', async () => {
  const { pool, lane } = stores;
  const [kept, undone] = [aBatch(), aBatch()];
  for (const [batch, end] of [
    [kept, 'commit'],
    [undone, 'rollback'],
  ] as const) {
    const client = await pool.connect();
    await client.query('begin');
    await lane.enqueue((text, values) => client.query(text, values), batch);
    await client.query(end);
    client.release();
  }
  const contents = await readDurableLane(pool);
  expect(contents.has(kept.id)).toBe(true);
  expect(contents.has(undone.id)).toBe(false);
});

test('a batch whose consumer is gone is delivered to another in about 15 s', async () => {
  const { pool, lane } = stores;
  const options = {
    pool,
    queryTimeoutMs,
    jobsHeldMax: 100,
    held: heldAtWill(),
    bury: async () => {},
    quarantine: async () => {},
    onError: () => {},
  };
  const batch = aBatch();
  await lane.submit(batch);
  const gone = new Set<string>();
  const dying = startDurableLaneConsumer({
    ...options,
    process: async ({ id }) => {
      gone.add(id);
      await new Promise(() => {});
    },
  });
  await until(() => gone.has(batch.id));
  await dying.close(0);
  const delivered = new Set<string>();
  const since = performance.now();
  const next = startDurableLaneConsumer({
    ...options,
    process: async ({ id }) => void delivered.add(id),
  });
  await until(() => delivered.has(batch.id), { limitMs: 25_000 });
  await next.close(2000);
  expect(performance.now() - since).toBeLessThan(20_000);
}, 120_000);

test('its measure: what waits, and the age of the oldest batch that is not completed, taken ones too', async () => {
  const { pool, lane } = stores;
  await pool.query('delete from pgboss.job');
  expect(await measureDurableLane(pool)).toEqual({ waiting: 0, oldestSeconds: 0 });
  const [taken, waiting] = [aBatch(5), aBatch(3)];
  const release = Promise.withResolvers<void>();
  await lane.submit(taken);
  const consumer = startDurableLaneConsumer({
    pool,
    queryTimeoutMs,
    jobsHeldMax: 1,
    held: heldAtWill(),
    process: () => release.promise,
    bury: async () => {},
    quarantine: async () => {},
    onError: () => {},
  });
  await until(async () => (await measureDurableLane(pool)).waiting === 0);
  await lane.submit(waiting);
  await pool.query("update pgboss.job set created_on = now() - interval '100 s' where id = $1", [taken.id]);
  await pool.query("update pgboss.job set created_on = now() - interval '50 s' where id = $1", [waiting.id]);
  const whileTaken = await measureDurableLane(pool);
  release.resolve();
  await until(async () => (await readDurableLane(pool)).size === 0);
  await consumer.close(5000);
  expect(whileTaken.waiting).toBe(3);
  expect(Math.floor(whileTaken.oldestSeconds / 50)).toBe(2);
  expect(await measureDurableLane(pool)).toEqual({ waiting: 0, oldestSeconds: 0 });
});
