import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, beforeEach, expect, test } from '@jest/globals';
import { createBooksReader, createDeadLetterWriter, type DeadLetterWriter } from '../src/index.ts';
import { aBatch, anEvent } from './support/builders.ts';
import { openTestLedger, type TestLedger } from './support/test-ledger.ts';

let store: TestLedger;
let writer: DeadLetterWriter;

beforeAll(async () => {
  store = await openTestLedger();
  writer = createDeadLetterWriter(store.pool);
});
beforeEach(async () => {
  await store.empty();
});
afterAll(() => store.close());

const aJob = (fields: object = {}) => ({
  batchId: randomUUID() as string,
  count: 3,
  producer: randomUUID() as string | undefined,
  acknowledged: 7,
  payload: '{"what":"is this"}',
  reason: 'no batch',
  code: 'undecodable',
  attempts: 1,
  ...fields,
});
const letters = () => store.rows<{ event_count: number }>('select event_count from dead_letter');
const books = async () => {
  await store.foldAll();
  const { received, stored, dead } = await createBooksReader(store.pool).read(new Map(), new Map());
  return { received, stored, dead };
};

test('a job that is buried again and at once is among the dead letters once, and in the books once', async () => {
  const job = aJob();
  await Promise.all([writer.bury(job), writer.bury(job), writer.bury(job)]);
  await writer.bury(job);
  expect(await letters()).toEqual([{ event_count: 3 }]);
  expect(await books()).toEqual({ received: 3, stored: 0, dead: 3 });
});

test('a job whose batch was committed before is let go', async () => {
  const batch = aBatch([anEvent()]);
  await store.commitAndFold([batch]);
  await writer.bury(aJob({ batchId: batch.id, count: 1 }));
  expect(await letters()).toEqual([]);
  expect(await books()).toEqual({ received: 1, stored: 1, dead: 0 });
});

test('a batch that was buried is not committed any more', async () => {
  const batch = aBatch([anEvent(), anEvent(), anEvent()]);
  await writer.bury(aJob({ batchId: batch.id }));
  expect(await store.commitAndFold([batch])).toMatchObject({ stored: 0, repeatedBatches: 1 });
  expect(await books()).toEqual({ received: 3, stored: 0, dead: 3 });
});

test('a job with no id and no producer that can be read is buried once, too', async () => {
  const job = aJob({ batchId: 'nobody knows', producer: undefined, acknowledged: 0 });
  await writer.bury(job);
  await writer.bury(job);
  expect(await letters()).toEqual([{ event_count: 3 }]);
});
