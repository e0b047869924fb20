import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, beforeEach, expect, test } from '@jest/globals';
import { type BooksReader, createBooksReader, noteAcknowledged } from '../src/index.ts';
import { aBatch, anEvent } from './support/builders.ts';
import { openTestLedger, type TestLedger } from './support/test-ledger.ts';

let store: TestLedger;
let books: BooksReader;

beforeAll(async () => {
  store = await openTestLedger();
  books = createBooksReader(store.pool);
});
beforeEach(() => store.empty());
afterAll(() => store.close());

const read = async (onLanes = new Map<string, number>()) => books.read(await books.acknowledged(), onLanes);
const events = (count: number) => Array.from({ length: count }, () => anEvent());

test('an empty ledger has empty books', async () => {
  expect(await read()).toEqual({
    received: 0,
    stored: 0,
    duplicate: 0,
    dead: 0,
    uncommitted: 0,
    rows: 0,
    onLanes: 0,
    waiting: 0,
  });
});

test('every event that was received is stored or a duplicate, by producer', async () => {
  const [one, two] = ['11111111-0000-4000-8000-000000000000', '22222222-0000-4000-8000-000000000000'];
  const eventId = randomUUID();
  const repeated = () => anEvent({ eventId, clientId: true });
  await store.commitAndFold([
    aBatch([repeated(), ...events(2)], { producer: two }),
    aBatch([repeated(), ...events(4)], { producer: one }),
    aBatch(events(1), { producer: one }),
  ]);
  await store.commitAndFold([aBatch([repeated()], { producer: one })]);

  const byProducer =
    'select producer_id, received, stored, duplicate, dead from producer order by producer_id';
  expect(await store.rows(byProducer)).toEqual([
    { producer_id: one, received: 7, stored: 5, duplicate: 2, dead: 0 },
    { producer_id: two, received: 3, stored: 3, duplicate: 0, dead: 0 },
  ]);
  expect(await read()).toMatchObject({ received: 10, stored: 8, duplicate: 2, rows: 8 });
});

test('a batch row says how many events the batch held, duplicates included', async () => {
  const repeated = anEvent({ clientId: true });
  const batch = aBatch([repeated, repeated, anEvent()]);
  await store.commitAndFold([batch]);
  expect(await store.rows('select batch_id, event_count from batch')).toEqual([
    { batch_id: batch.id, event_count: 3 },
  ]);
});

test('what a producer acknowledged beyond what was committed of it is uncommitted, however batches are ordered', async () => {
  const [lost, whole] = [randomUUID(), randomUUID()];
  // Acknowledged before each batch was made: 0, 5, 10. The middle one never arrives.
  const [first, , third] = [0, 5, 10].map((acknowledged) =>
    aBatch(events(5), { producer: lost, acknowledged }),
  );
  await store.commitAndFold([third!]);
  expect(await read()).toMatchObject({ uncommitted: 5 });
  await store.commitAndFold([first!, aBatch(events(3), { producer: whole, acknowledged: 0 })]);
  expect(await read()).toMatchObject({ received: 13, uncommitted: 0 });
  await store.commitAndFold([aBatch(events(1), { producer: lost, acknowledged: 25 })]);
  expect(await read()).toMatchObject({ received: 14, uncommitted: 14 });
  await store.commitAndFold([aBatch(events(2), { producer: lost, acknowledged: 5 })]);
  expect(await read()).toMatchObject({ received: 16, uncommitted: 12 });
});

test('of the batches on a lane the events of those count that no commit holds', async () => {
  const [committed, waiting, other] = [aBatch(events(1)), aBatch(events(7)), aBatch(events(3))];
  await store.commitAndFold([committed!]);
  const onLanes = new Map([committed!, waiting!, other!].map((batch) => [batch.id, batch.events.length]));
  expect(await read(onLanes)).toMatchObject({ received: 1, onLanes: 10 });
});

test('a heartbeat alone says what was acknowledged, and never takes anything back', async () => {
  const producer = randomUUID();
  await noteAcknowledged(store.pool, producer, 7);
  await noteAcknowledged(store.pool, producer, 5);
  expect(await read()).toMatchObject({ received: 0, uncommitted: 7 });
  await store.commitAndFold([aBatch(events(4), { producer, acknowledged: 0 })]);
  expect(await read()).toMatchObject({ received: 4, uncommitted: 3 });
  await noteAcknowledged(store.pool, producer, 8);
  expect(await read()).toMatchObject({ received: 4, uncommitted: 4 });
});

test('what was acknowledged after it was read is not owed', async () => {
  const producer = randomUUID();
  await noteAcknowledged(store.pool, producer, 7);
  const before = await books.acknowledged();
  await noteAcknowledged(store.pool, producer, 20);
  expect(await books.read(before, new Map())).toMatchObject({ uncommitted: 7 });
});

test('what waits to be added up is received, waits, and is nothing else yet; no producer owes it', async () => {
  const producer = randomUUID();
  await noteAcknowledged(store.pool, producer, 9);
  await store.commitAndFold([aBatch(events(2), { producer })]);
  const repeated = anEvent({ clientId: true });
  await store.ledger.commit([aBatch([repeated, { ...repeated }, ...events(2)], { producer })]);
  const waiting = { received: 6, stored: 2, duplicate: 0, dead: 0, waiting: 4, uncommitted: 3, onLanes: 0 };
  expect(await read()).toEqual({ ...waiting, rows: 2 });
  const entered = createBooksReader(store.pool);
  expect(await entered.readEntered(await books.acknowledged(), new Map())).toEqual(waiting);
  await store.foldAll();
  expect(await read()).toMatchObject({ received: 6, stored: 5, duplicate: 1, waiting: 0, rows: 5 });
});

test('a batch of a producer that nobody has heard of is received while it waits', async () => {
  await store.ledger.commit([aBatch(events(2), { acknowledged: 7 })]);
  expect(await read()).toMatchObject({ received: 2, stored: 0, waiting: 2, rows: 0 });
  await store.foldAll();
  expect(await read()).toMatchObject({ received: 2, stored: 2, waiting: 0, uncommitted: 5 });
});
