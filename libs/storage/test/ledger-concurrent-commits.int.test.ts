import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { aBatch } from './support/builders.ts';
import { someEvents } from './support/some-events.ts';
import { openTestLedger, type TestLedger, totals } from './support/test-ledger.ts';

const connections = 12;
const commitsEach = 8;
const eventsEach = 40;
let store: TestLedger;

beforeAll(async () => {
  store = await openTestLedger({ connections });
});
afterAll(() => store.close());

test('commits of many connections on the same subjects, pairs and minutes do not deadlock', async () => {
  await Promise.all(
    Array.from({ length: connections }, async () => {
      for (let commits = 0; commits < commitsEach; commits += 1) {
        await store.commitAndFold([aBatch(someEvents(eventsEach))]);
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
