import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { keepPartitions, makePartitions } from '../src/index.ts';
import { aBatch, anEvent } from './support/builders.ts';
import { openTestLedger, type TestLedger } from './support/test-ledger.ts';

const day = 86_400_000;
let store: TestLedger;

beforeAll(async () => {
  store = await openTestLedger({ connections: 8 });
});
afterAll(() => store.close());

const partitions = async (parent: string) =>
  (
    await store.rows<{ name: string }>(
      'select inhrelid::regclass::text as name from pg_inherits where inhparent = $1::regclass order by 1',
      [parent],
    )
  ).map((row) => row.name);

test('events of thirty days back and two days ahead have partitions from the beginning', async () => {
  const now = Date.now();
  const events = [-30, -15, 0, 2].map((days) => anEvent({ occurredAt: now + days * day }));
  expect(await store.commitAndFold([aBatch(events)])).toMatchObject({ stored: 4 });
});

test('processes that make the same and other partitions at once neither fail nor wait for each other for ever', async () => {
  // Newest first here, all of them there: whoever holds one must not wait for a holder of the other.
  const now = Date.now() + 100 * day;
  await Promise.all([
    keepPartitions(store.pool, now),
    ...[2, 1, 0, -10, -29].map((days) => makePartitions(store.pool, now + days * day, now + days * day)),
    keepPartitions(store.pool, now),
  ]);
  for (const parent of ['event', 'statistic', 'subject_count_minute']) {
    const names = await partitions(parent);
    expect(names).toHaveLength(33 * 2);
  }
});

test('making partitions that are there changes nothing', async () => {
  const before = await partitions('event');
  await keepPartitions(store.pool, Date.now());
  expect(await partitions('event')).toEqual(before);
});
