import type { TrackedEvent } from '@event-tracker/domain';
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { aBatch, aLike, anEvent, anUnlike, aSearch } from './support/builders.ts';
import { openTestLedger, type TestLedger, totals } from './support/test-ledger.ts';

const connections = 12;
const commitsEach = 8;
const eventsEach = 40;
let store: TestLedger;

beforeAll(async () => {
  store = await openTestLedger({ connections });
});
afterAll(() => store.close());

const oneOf = (count: number) => 1 + Math.floor(Math.random() * count);
const hour = 3_600_000;

/** Of few subjects, pairs and minutes, so that commits meet on all of them. */
function someEvent(): TrackedEvent {
  const fields = { occurredAt: Date.now() - oneOf(3) * hour, clientId: Math.random() < 0.5 };
  switch (oneOf(4)) {
    case 1:
      return anEvent({ ...fields, componentId: oneOf(9) });
    case 2:
      return aSearch(`keyword ${oneOf(9)}`, { ...fields, userId: oneOf(3) });
    case 3:
      return aLike(oneOf(5), oneOf(5), fields);
    default:
      return anUnlike(oneOf(5), oneOf(5), fields);
  }
}

test('commits of many connections on the same subjects, pairs and minutes do not deadlock', async () => {
  await Promise.all(
    Array.from({ length: connections }, async () => {
      for (let commits = 0; commits < commitsEach; commits += 1) {
        const events = Array.from({ length: eventsEach }, someEvent);
        await store.commitAndFold([aBatch(events)]);
      }
    }),
  );
  await store.foldAll();
  const events = connections * commitsEach * eventsEach;
  const {
    received,
    stored,
    duplicate,
    events: rows,
    counted,
    perMinute,
    perHour,
    perDay,
  } = await totals(store.pool);
  expect({ received, stored, duplicate, rows }).toEqual({
    received: events,
    stored: events,
    duplicate: 0,
    rows: events,
  });
  expect([perMinute, perHour, perDay]).toEqual([counted, counted, counted]);
  const net = await store.rows(
    `select sum(case event_type when 'LIKE' then count else -count end)::bigint as net
     from statistic where event_type in ('LIKE', 'UNLIKE')`,
  );
  expect(net).toEqual(await store.rows('select count(*) as net from post_like'));
});
