import { type Batch, LaneUnavailable } from '@event-tracker/domain';
import { startTestPostgres, type TestStore, until } from '@event-tracker/testing';
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import pg from 'pg';
import {
  createDurableLane,
  type DurableLane,
  measureDurableLane,
  readDurableLane,
  startDurableLaneConsumer,
} from '../src/index.ts';
import { aBatch } from './support/test-lane.ts';

let postgres: TestStore;
let pool: pg.Pool;
let lane: DurableLane;

const queryTimeoutMs = 500;
const isHealthy = () =>
  lane.health().then(
    () => true,
    () => false,
  );

beforeAll(async () => {
  postgres = await startTestPostgres({ fsync: 'on', synchronous_commit: 'on' });
  pool = new pg.Pool({ connectionString: postgres.url, connectionTimeoutMillis: 500, max: 6 });
  pool.on('error', () => {});
  pool.on('connect', (client) => client.on('error', () => {}));
  lane = createDurableLane({ pool, queryTimeoutMs, onError: () => {} });
});
afterAll(async () => {
  await lane.close();
  await pool.end();
  await postgres.stop();
});

test('a batch that is put on the lane twice is delivered once, as it was', async () => {
  const batch = aBatch(3, { acknowledged: 12 });
  await Promise.all([lane.submit(batch), lane.submit(batch)]);
  await lane.submit(batch);
  expect(await readDurableLane(pool)).toEqual(new Map([[batch.id, 3]]));
  const delivered: Batch[] = [];
  const consumer = startDurableLaneConsumer({
    pool,
    queryTimeoutMs,
    jobsHeldMax: 4,
    process: async (one) => void delivered.push(one),
    bury: async () => {},
    onError: () => {},
  });
  await until(async () => (await readDurableLane(pool)).size === 0);
  const late = Array.from({ length: 20 }, () => aBatch());
  await Promise.all(late.map((one) => lane.submit(one)));
  await until(async () => (await readDurableLane(pool)).size === 0);
  await consumer.close(5000);
  expect(delivered[0]).toEqual(batch);
  expect(delivered.map((one) => one.id).sort()).toEqual([batch, ...late].map((one) => one.id).sort());
});

test('a batch that is put on the lane in a transaction goes with it', async () => {
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

test('what was put on the lane outlives a kill; meanwhile the lane refuses at once, and recovers', async () => {
  const batch = aBatch();
  await lane.submit(batch);
  await postgres.kill();
  const since = performance.now();
  await expect(lane.submit(aBatch())).rejects.toThrow(LaneUnavailable);
  expect(performance.now() - since).toBeLessThan(1000);
  expect(await isHealthy()).toBe(false);
  await postgres.start();
  await until(isHealthy);
  expect((await readDurableLane(pool)).has(batch.id)).toBe(true);
  await lane.submit(aBatch());
});

test('a PostgreSQL that hangs is refused after the time-out, and takes the same batch when it goes on', async () => {
  const batch = aBatch();
  postgres.pause();
  try {
    await expect(lane.submit(batch)).rejects.toThrow(LaneUnavailable);
  } finally {
    postgres.resume();
  }
  await until(isHealthy);
  await lane.submit(batch);
  expect((await readDurableLane(pool)).get(batch.id)).toBe(1);
});

test('a batch whose consumer is gone is delivered to another, as stalled once, in about 15 s', async () => {
  const gone = new Set<string>();
  const options = { pool, queryTimeoutMs, jobsHeldMax: 100, bury: async () => {}, onError: () => {} };
  const batch = aBatch();
  await lane.submit(batch);
  const dying = startDurableLaneConsumer({
    ...options,
    process: async ({ id }) => {
      gone.add(id);
      await new Promise(() => {});
    },
  });
  await until(() => gone.has(batch.id));
  await dying.close(0);
  const stalls = new Map<string, number>();
  const since = performance.now();
  const next = startDurableLaneConsumer({
    ...options,
    process: async ({ id }, delivery) => void stalls.set(id, delivery.stalls),
  });
  await until(() => stalls.has(batch.id), { limitMs: 25_000 });
  await next.close(2000);
  expect(performance.now() - since).toBeLessThan(20_000);
  // pg-boss counts a delivery when it is made.
  expect(stalls.get(batch.id)).toBe(1);
}, 40_000);

test('its measure: what waits, and the age of the oldest batch that is not completed, taken ones too', async () => {
  await pool.query('delete from pgboss.job');
  expect(await measureDurableLane(pool)).toEqual({ waiting: 0, oldestSeconds: 0 });
  const [taken, waiting] = [aBatch(5), aBatch(3)];
  const release = Promise.withResolvers<void>();
  await lane.submit(taken);
  const consumer = startDurableLaneConsumer({
    pool,
    queryTimeoutMs,
    jobsHeldMax: 1,
    process: () => release.promise,
    bury: async () => {},
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
