import type { Batch, TrackedEvent } from '@event-tracker/domain';
import { encodeBatch } from '@event-tracker/queue';
import { afterAll, beforeAll, beforeEach, expect, test } from '@jest/globals';
import { createDeadLetters, createDeadLetterWriter, type DeadLetters } from '../src/index.ts';
import { aBatch, anEvent } from './support/builders.ts';
import { openTestLedger, type TestLedger } from './support/test-ledger.ts';

const batchEventsMax = 50;
const day = 86_400_000;

let store: TestLedger;
let deadLetters: DeadLetters;
/** What was put on the lane. */
let enqueued: Batch[] = [];

beforeAll(async () => {
  store = await openTestLedger();
  const lane = { enqueue: async (_execute: unknown, batch: Batch) => void enqueued.push(batch) };
  deadLetters = createDeadLetters({ pool: store.pool, lane, batchEventsMax });
});
beforeEach(async () => {
  enqueued = [];
  await store.rows('truncate event, batch, producer, dead_letter, statistic, subject_count, view_debt');
});
afterAll(() => store.close());

const many = (count: number, fields: Partial<TrackedEvent> = {}) =>
  Array.from({ length: count }, () => anEvent(fields));
const bury = (batch: Batch, code = 'too-old') =>
  createDeadLetterWriter(store.pool).bury({
    batchId: batch.id,
    count: batch.events.length,
    producer: batch.producer,
    acknowledged: 0,
    payload: JSON.stringify(encodeBatch(batch)),
    reason: 'the batch waited for longer than a batch may',
    code,
    attempts: 1,
  });
const replayAll = () => deadLetters.replay({ filter: {} }, false);
const replayedIds = () => enqueued.flatMap(({ events }) => events.map(({ eventId }) => eventId)).sort();
const idsOf = (...batches: Batch[]) =>
  batches.flatMap(({ events }) => events.map(({ eventId }) => eventId)).sort();

test('many letters of whole batches are replayed in batches as a flush has, each event once', async () => {
  const batches = Array.from({ length: 60 }, () => aBatch(many(40)));
  for (const batch of batches) await bury(batch);
  expect(await replayAll()).toEqual({ matched: 60, replayed: 60 });
  expect(Math.max(...enqueued.map(({ events }) => events.length))).toBe(batchEventsMax);
  expect(enqueued.length).toBeLessThan(60);
  expect(new Set(enqueued.map(({ id }) => id)).size).toBe(enqueued.length);
  expect(replayedIds()).toEqual(idsOf(...batches));
  expect(await replayAll()).toEqual({ matched: 60, replayed: 0 });
});

test('a letter of more events than a batch has is replayed in several', async () => {
  const large = aBatch(many(120));
  await bury(large);
  expect(await replayAll()).toEqual({ matched: 1, replayed: 1 });
  expect(enqueued.map(({ events }) => events.length)).toEqual([50, 50, 20]);
  expect(replayedIds()).toEqual(idsOf(large));
});

test.each(['too-old', 'unknown-version', 'kills-its-worker', 'removed'])(
  'of a job that was dead-lettered whole (%s) after its batch was committed, and its row purged, no event is replayed',
  async (code) => {
    const committed = aBatch([
      ...many(3),
      ...many(3, { occurredAt: Date.now() - 5 * day - 7 }),
      ...many(1, { occurredAt: Date.now() - 29 * day }),
    ]);
    await store.ledger.commit([committed]);
    await store.rows('delete from batch');
    await bury(committed, code);
    const lost = aBatch([...many(2), ...many(1, { occurredAt: Date.now() - 5 * day })]);
    await bury(lost, code);
    expect(await replayAll()).toEqual({ matched: 2, replayed: 2 });
    expect(replayedIds()).toEqual(idsOf(lost));
  },
);

test('of a letter whose events were stored in part the others are replayed', async () => {
  const [before, missing] = [many(4), many(3)];
  await store.ledger.commit([aBatch(before)]);
  const batch = aBatch([...before, ...missing]);
  await bury(batch);
  expect(await replayAll()).toEqual({ matched: 1, replayed: 1 });
  expect(replayedIds()).toEqual(idsOf(aBatch(missing)));
});

test('a job of a day that has no partition any more stays: nobody can say whether it was stored', async () => {
  const old = aBatch([anEvent(), anEvent({ occurredAt: Date.now() - 60 * day })]);
  await bury(old);
  const recent = aBatch(many(1));
  await bury(recent);
  expect(await replayAll()).toEqual({ matched: 2, replayed: 1 });
  expect(replayedIds()).toEqual(idsOf(recent));
});

test('letters of many bytes are replayed, too, and listed a few at a time', async () => {
  const heavy = () => aBatch(many(250, { properties: { text: 'a'.repeat(4000) } }));
  const batches = Array.from({ length: 12 }, heavy);
  for (const batch of batches) await bury(batch);

  const pages: number[] = [];
  for (let before: number | undefined, more = true; more; ) {
    const page = await deadLetters.list({}, before, 100);
    pages.push(page.letters.length);
    before = page.letters.at(-1)!.id;
    more = page.more;
  }
  expect(pages).toEqual([4, 4, 4]);

  expect(await replayAll()).toEqual({ matched: 12, replayed: 12 });
  expect(replayedIds()).toEqual(idsOf(...batches));
});

test('a thousand letters are replayed in one call, and those beyond by the next', async () => {
  await store.rows(
    `insert into dead_letter (batch_id, event_count, event_type, code, reason, payload, attempts)
    select gen_random_uuid(), 1, 'CLICK', 'x', 'x', convert_to($1, 'UTF8'), 1
    from generate_series(1, 1005)`,
    [JSON.stringify(anEvent())],
  );
  expect(await deadLetters.replay({ filter: {} }, true)).toEqual({ matched: 1005, replayed: 0 });
  expect(await replayAll()).toEqual({ matched: 1005, replayed: 1000 });
  expect(await replayAll()).toEqual({ matched: 1005, replayed: 5 });
  expect(enqueued.reduce((sum, { events }) => sum + events.length, 0)).toBe(1005);
});
