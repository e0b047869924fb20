import { poll } from '@event-tracker/testing';
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import pg from 'pg';
import { click, expectProblem, expectStatus, get, post } from './requests.ts';
import { startTracker, type Tracker } from './tracker.ts';

const atRest = { dead: 0, inFlight: 0, missing: 0, balanced: true };

let tracker: Tracker;

beforeAll(async () => {
  tracker = await startTracker();
});

afterAll(() => tracker.stop());

const ledger = async () => (await get(`${tracker.url}/admin/ledger`)).body;

function ledgerAtRest() {
  return poll(async () => {
    const books = await ledger();
    return books.inFlight === 0 ? books : undefined;
  });
}

const eventId = '0198c0de-0000-7000-8000-00000000000b';

// Each builds on the books that the ones before left.

test('nothing sent, nothing in the books', async () => {
  expect(await ledger()).toEqual({ received: 0, duplicate: 0, stored: 0, ...atRest });
});

test('what is refused does not enter the books', async () => {
  await expectProblem(post(`${tracker.url}/api/events`, {}), 400);
  await expectProblem(post(`${tracker.url}/api/events/batch`, [{}, {}]), 400);
  expect(await ledger()).toEqual({ received: 0, duplicate: 0, stored: 0, ...atRest });
});

test('what waits for a worker is received and in flight', async () => {
  await expectStatus(post(`${tracker.url}/api/events`, click({ eventId })), 202);
  const batch = [click(), {}, click({ eventId: eventId.toUpperCase() }), click(), click({ eventId })];
  await expectStatus(post(`${tracker.url}/api/events/batch`, batch), 202);
  expect(await ledger()).toMatchObject({
    received: 5,
    duplicate: 0,
    stored: 0,
    dead: 0,
    inFlight: 5,
    missing: 0,
  });
});

test('at rest received is stored and duplicate, and nothing is missing', async () => {
  await tracker.addWorker();
  expect(await ledgerAtRest()).toEqual({ received: 5, duplicate: 2, stored: 3, ...atRest });
});

test('an id that is sent again later, with other content, is a duplicate', async () => {
  const other = { eventType: 'PAGE_VIEW', sessionId: 'other', metadata: { componentId: 1000 } };
  await expectStatus(post(`${tracker.url}/api/users/events`, { ...other, eventId }), 202);
  expect(await ledgerAtRest()).toEqual({ received: 6, duplicate: 3, stored: 3, ...atRest });
});

test('every API replica has the same books', async () => {
  const { url } = await tracker.addApi();
  await expectStatus(post(`${url}/api/events`, click({ eventId })), 202);
  await expectStatus(post(`${url}/api/events`, click()), 202);
  expect(await ledgerAtRest()).toEqual({ received: 8, duplicate: 4, stored: 4, ...atRest });
  expect((await get(`${url}/admin/ledger`)).body).toEqual(await ledger());
});

test('while Redis is away the books say what PostgreSQL knows, and null for the rest', async () => {
  await tracker.redis.kill();
  expect(await ledger()).toEqual({
    received: 8,
    duplicate: 4,
    stored: 4,
    dead: 0,
    inFlight: null,
    missing: null,
    balanced: null,
  });
  await tracker.redis.start();
  expect(
    await poll(async () => {
      const books = await ledger();
      return books.inFlight === null ? undefined : books;
    }),
  ).toEqual({ received: 8, duplicate: 4, stored: 4, ...atRest });
});

test('rows that were deleted by SQL leave the books unbalanced, and which figure differs is said', async () => {
  const client = new pg.Client(tracker.databaseUrl);
  await client.connect();
  try {
    await client.query('delete from event where event_id in (select event_id from event limit 3)');
  } finally {
    await client.end();
  }
  expect(await ledger()).toEqual({
    received: 8,
    duplicate: 4,
    stored: 4,
    ...atRest,
    balanced: false,
    reasons: ['stored is 3 above the rows of event (4, 1 rows): rows were deleted, and not by retention'],
  });
});
