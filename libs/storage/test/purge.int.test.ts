import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, beforeEach, expect, test } from '@jest/globals';
import { createBooksReader, isBatchCommitted, noteAcknowledged, purge } from '../src/index.ts';
import { aBatch, anEvent } from './support/builders.ts';
import { openTestLedger, type TestLedger } from './support/test-ledger.ts';

const hour = 3_600_000;
const lives = { eventKeyMs: 120 * hour, batchMs: 144 * hour };
const totals = '00000000-0000-0000-0000-000000000000';
let store: TestLedger;

beforeAll(async () => {
  store = await openTestLedger({ connections: 8 });
});
beforeEach(() => store.empty());
afterAll(() => store.close());

const ago = (hours: number) => `now() - interval '${hours} hours'`;
const count = async (table: string) =>
  (await store.rows<{ count: number }>(`select count(*) from ${table}`))[0]!.count;
const books = async () => {
  const reader = createBooksReader(store.pool);
  return reader.read(await reader.acknowledged(), new Map());
};

test('keys and rows past their lives go, the others stay', async () => {
  for (const [table, key, extra] of [
    ['event_key', 'event_id', ''],
    ['batch', 'batch_id', ', event_count'],
  ] as const) {
    for (const hours of [0, 119, 121, 143, 145]) {
      await store.rows(
        `insert into ${table} (${key}, committed_at${extra})
         select gen_random_uuid(), ${ago(hours)} ${extra && ', 1'} from generate_series(1, 10)`,
      );
    }
  }
  expect(await purge(store.pool, lives)).toEqual({ eventKeys: 30, batches: 10 });
  expect([await count('event_key'), await count('batch')]).toEqual([20, 40]);
  expect(await purge(store.pool, lives)).toEqual({ eventKeys: 0, batches: 0 });
});

test('a table of many pages is gone through by runs of pages', async () => {
  await store.rows(
    `insert into event_key select gen_random_uuid(), ${ago(121)} from generate_series(1, 200000)`,
  );
  const kept = randomUUID();
  await store.rows('insert into event_key values ($1)', [kept]);
  expect(await purge(store.pool, lives)).toMatchObject({ eventKeys: 200_000 });
  expect(await store.rows('select event_id from event_key')).toEqual([{ event_id: kept }]);
  const plan = await store.rows<Record<string, string>>(
    "explain delete from event_key where ctid >= format('(%s,0)', 0)::tid and ctid < format('(%s,0)', 512)::tid",
  );
  expect(JSON.stringify(plan)).toContain('Tid Range Scan');
});

test('whether a batch was committed is known as long as its row is kept', async () => {
  const batch = aBatch([anEvent()]);
  expect(await isBatchCommitted(store.pool, batch.id)).toBe(false);
  await store.commitAndFold([batch]);
  expect(await isBatchCommitted(store.pool, batch.id)).toBe(true);
});

test('producers that are long gone and owe nothing become one row, and the books stay the same', async () => {
  const repeated = anEvent({ clientId: true });
  for (let producers = 0; producers < 5; producers += 1) {
    await store.commitAndFold([aBatch([repeated, anEvent()], { acknowledged: 1 })]);
    await store.commitAndFold([aBatch([anEvent()], { acknowledged: 0 })]);
  }
  await store.rows(`update producer set seen_at = ${ago(145)}`);
  const owing = randomUUID();
  await noteAcknowledged(store.pool, owing, 3);
  await store.rows(`update producer set seen_at = ${ago(145)} where producer_id = '${owing}'`);
  const recent = aBatch([anEvent()]);
  await store.commitAndFold([recent]);
  const before = await books();

  await purge(store.pool, lives);
  expect(await books()).toEqual(before);
  expect(before).toMatchObject({ received: 16, stored: 12, duplicate: 4, uncommitted: 3 });
  const ids = await store.rows<{ producer_id: string }>('select producer_id from producer');
  expect(ids.map((row) => row.producer_id).sort()).toEqual([totals, owing, recent.producer].sort());

  await store.rows(`update producer set seen_at = ${ago(145)} where producer_id = '${recent.producer}'`);
  await purge(store.pool, lives);
  expect(await books()).toEqual(before);
  expect(await count('producer')).toBe(2);
});

test('a producer of which something waits to be entered is left as it is', async () => {
  const producer = randomUUID();
  await store.commitAndFold([aBatch([anEvent()], { producer, acknowledged: 1 })]);
  await store.rows(`update producer set seen_at = ${ago(145)}`);
  await store.ledger.commit([aBatch([anEvent()], { producer, acknowledged: 1 })]);
  const before = await books();
  await purge(store.pool, lives);
  expect(await books()).toEqual(before);
  await store.foldAll();
  expect(await store.rows('select producer_id, acknowledged, received from producer')).toEqual([
    { producer_id: producer, acknowledged: 1, received: 2 },
  ]);
});

test('producers that are folded while the books are read are not missed', async () => {
  const acknowledged = 5;
  const batch = aBatch(Array.from({ length: 5 }, () => anEvent()));
  await store.commitAndFold([batch]);
  await noteAcknowledged(store.pool, batch.producer, acknowledged);
  const reader = createBooksReader(store.pool);
  const before = await reader.acknowledged();
  await store.rows(`update producer set seen_at = ${ago(145)}`);
  await purge(store.pool, lives);
  expect(await reader.read(before, new Map())).toMatchObject({ received: 5, uncommitted: 0 });
});
