import { randomUUID } from 'node:crypto';
import { bucketStart, grains } from '@event-tracker/domain';
import { afterAll, beforeAll, beforeEach, describe, expect, test } from '@jest/globals';
import { countClosedDays, createBooksReader } from '../src/index.ts';
import { aBatch, aLike, anEvent, aSearch } from './support/builders.ts';
import { clockAt } from './support/clock.ts';
import { openTestLedger, type TestLedger, totals } from './support/test-ledger.ts';

/** The last midnight but one, so that the day before it is over by every clock. */
const midnight = bucketStart(Date.now(), 'day') - grains.day;
const lastMoment = midnight - 1;

const clock = clockAt(lastMoment);
let store: TestLedger;

beforeAll(async () => {
  store = await openTestLedger({ now: clock.now });
});
beforeEach(() =>
  store.rows(
    'truncate batch, event_key, event, event_day, statistic, subject_count, like_state, producer, view_debt',
  ),
);
afterAll(() => store.close());

/** The event as it is first sent, just before midnight, and as it is sent again just after. */
const pairs = {
  'without occurredAt': (eventId: string) => [
    anEvent({ eventId, clientId: true, occurredAt: lastMoment, receivedAt: lastMoment }),
    anEvent({ eventId, clientId: true, occurredAt: midnight, receivedAt: midnight }),
  ],
  'with its occurredAt': (eventId: string) => [
    anEvent({ eventId, clientId: true, occurredAt: lastMoment, receivedAt: lastMoment }),
    anEvent({ eventId, clientId: true, occurredAt: lastMoment, receivedAt: midnight }),
  ],
  'with other content': (eventId: string) => [
    aSearch('cat', { eventId, clientId: true, userId: 1, occurredAt: lastMoment, receivedAt: lastMoment }),
    anEvent({ eventId, clientId: true, componentId: 7, occurredAt: midnight, receivedAt: midnight }),
  ],
  'as a like': (eventId: string) => [
    aLike(1, 2, { eventId, clientId: true, occurredAt: lastMoment, receivedAt: lastMoment }),
    aLike(1, 2, { eventId, clientId: true, occurredAt: midnight, receivedAt: midnight }),
  ],
} as const;

const once = { stored: 1, duplicate: 1, events: 1, counted: 1, perMinute: 1, perHour: 1, perDay: 1 };

describe.each(Object.entries(pairs))('an id that is sent again after midnight, %s', (_name, pairOf) => {
  test('counts once, for the day on which it came first', async () => {
    const [first, again] = pairOf(randomUUID());
    clock.at = lastMoment;
    await store.ledger.commit([aBatch([first!])], []);
    clock.at = midnight;
    await store.ledger.commit([aBatch([again!])], []);
    expect(await totals(store.pool)).toMatchObject(once);
    expect(await storedAt()).toBe(lastMoment);
    await expectBalance();
  });

  test('counts once when the second one is committed first', async () => {
    const [first, again] = pairOf(randomUUID());
    clock.at = midnight;
    await store.ledger.commit([aBatch([again!])], []);
    await store.ledger.commit([aBatch([first!])], []);
    expect(await totals(store.pool)).toMatchObject(once);
    expect(await storedAt()).toBe(again!.occurredAt);
    await expectBalance();
  });

  test('counts once when one commit holds both', async () => {
    const [first, again] = pairOf(randomUUID());
    clock.at = midnight;
    await store.ledger.commit([aBatch([first!]), aBatch([again!])], []);
    expect(await totals(store.pool)).toMatchObject(once);
    expect(await storedAt()).toBe(lastMoment);
    await expectBalance();
  });
});

test('an event of the last moment that is committed after its day was counted is in the books', async () => {
  await countClosedDays(store.pool, { rowsMax: 1_000_000 });
  clock.at = midnight;
  await store.ledger.commit([aBatch([anEvent({ occurredAt: lastMoment, receivedAt: lastMoment })])], []);
  await expectBalance();
});

async function storedAt(): Promise<number> {
  const at = 'select (extract(epoch from occurred_at) * 1000)::float8 as at from event';
  return (await store.rows<{ at: number }>(at))[0]!.at;
}

/** Before and after the days are counted. */
async function expectBalance(): Promise<void> {
  const reader = createBooksReader(store.pool);
  const expectOne = async () => {
    const { stored, rows } = await reader.read(await reader.acknowledged(), new Map());
    expect({ stored, rows }).toEqual({ stored: 1, rows: 1 });
  };
  await expectOne();
  await countClosedDays(store.pool, { rowsMax: 1_000_000 });
  await expectOne();
}
