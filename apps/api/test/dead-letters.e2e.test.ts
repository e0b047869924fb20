import { randomUUID } from 'node:crypto';
import { createFastLane } from '@event-tracker/queue';
import { connectRedis } from '@event-tracker/storage';
import { asAdmin, poll, until } from '@event-tracker/testing';
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import pg from 'pg';
import { click, expectProblem, expectStatus, get, post } from './requests.ts';
import { startTracker, type Tracker } from './tracker.ts';

interface Page {
  deadLetters: {
    id: number;
    kind: 'event' | 'change';
    event: { eventId: string; metadata: { componentId: number } };
    code: string;
    reason: string;
    replayedAt: string | null;
  }[];
  nextCursor: string | null;
}

let tracker: Tracker;
let database: pg.Client;

beforeAll(async () => {
  tracker = await startTracker({ worker: true });
  database = new pg.Client(tracker.databaseUrl);
  await database.connect();
  await database.query('alter table event add constraint no_thirteen check (component_id <> 13)');
});

afterAll(async () => {
  await database?.end();
  await tracker?.stop();
});

const letters = async (query: Record<string, string | number> = {}) =>
  (await get<Page>(`${tracker.url}/admin/dead-letters`, query)).body;
const replay = (body: unknown) => post(`${tracker.url}/admin/dead-letters/replay`, body, asAdmin);
const books = async () => (await get<Record<string, number>>(`${tracker.url}/admin/ledger`)).body;
/** Nothing is on a lane, or waits to be added up. */
const booksAtRest = () =>
  poll(async () => {
    const all = await books();
    return all.inFlight === 0 ? all : undefined;
  });
const stored = async (componentId: number) => {
  const query = { eventType: 'CLICK', componentId, window: 'all' };
  return (await get<{ count: number }>(`${tracker.url}/api/statistics`, query)).body.count;
};
function openLane() {
  const redis = connectRedis({ url: tracker.redis.url, name: 'test', mode: 'wait', onError: () => {} });
  const lane = createFastLane({ redis, completedJobsMax: 1, queueEventsMax: 100, onError: () => {} });
  return { queue: lane.queue, end: () => lane.close().finally(() => redis.disconnect()) };
}
const badClick = () => click({ eventId: randomUUID(), metadata: { componentId: 13 } });

test('events that cannot be committed are dead-lettered with their reason, and the others of their batch are stored', async () => {
  const events = [click(), badClick(), click(), badClick(), click()];
  await expectStatus(post(`${tracker.url}/api/events/batch`, events), 202);
  await until(async () => (await books()).received === 5 && (await books()).inFlight === 0);
  expect(await books()).toMatchObject({ received: 5, stored: 3, dead: 2, missing: 0, balanced: true });
  expect(await stored(1002)).toBe(3);
  const { deadLetters, nextCursor } = await letters();
  expect(nextCursor).toBeNull();
  const bad = [events[1], events[3]] as unknown as { eventId: string }[];
  expect(new Set(deadLetters.map(({ event }) => event.eventId))).toEqual(
    new Set(bad.map(({ eventId }) => eventId)),
  );
  expect(deadLetters[0]).toMatchObject({
    kind: 'event',
    event: { eventType: 'CLICK', sessionId: 'a session', metadata: { componentId: 13 } },
    code: '23514',
    reason: expect.stringContaining('no_thirteen'),
    replayedAt: null,
  });
});

test('a page ends with a cursor, and the next one goes on behind it', async () => {
  const first = await letters({ limit: 1 });
  const second = await letters({ limit: 1, cursor: first.nextCursor! });
  expect(second.nextCursor).toBeNull();
  expect(first.deadLetters[0]!.id).toBeGreaterThan(second.deadLetters[0]!.id);
});

test('filters narrow the list', async () => {
  const lengths = async (query: Record<string, string>) => (await letters(query)).deadLetters.length;
  expect(await lengths({ reason: '23514' })).toBe(2);
  expect(await lengths({ reason: 'NO_THIRTEEN' })).toBe(2);
  expect(await lengths({ reason: 'another' })).toBe(0);
  expect(await lengths({ eventType: 'like' })).toBe(0);
  expect(await lengths({ from: new Date(Date.now() + 60_000).toISOString() })).toBe(0);
  expect(await lengths({ to: new Date(Date.now() + 60_000).toISOString() })).toBe(2);
});

test('bad parameters are refused, each by its name', async () => {
  const url = `${tracker.url}/admin/dead-letters`;
  const list = await expectProblem(
    await fetch(`${url}?limit=0&from=now&cursor=x&unknown=1`, { headers: asAdmin }),
    400,
  );
  expect(list.errors.map(({ path }) => path).sort()).toEqual(['cursor', 'from', 'limit', 'unknown']);
  for (const body of [
    {},
    { ids: [] },
    { ids: [1], filter: {} },
    { ids: ['1'] },
    { filter: { colour: 1 } },
    7,
  ])
    await expectProblem(await replay(body), 400);
  const ids = await expectProblem(await replay({ ids: [1, 'x'], dryRun: 1 }), 400);
  expect(ids.errors).toEqual([
    { path: 'ids[1]', message: 'must be a number' },
    { path: 'dryRun', message: 'must be a boolean' },
  ]);
  const text = { method: 'POST', headers: { ...asAdmin, 'content-type': 'text/plain' }, body: '{"ids":[1]}' };
  await expectProblem(await fetch(`${url}/replay`, text), 415);
});

test('a dry run replays nothing', async () => {
  expect(await expectStatus(replay({ filter: { eventType: 'CLICK' }, dryRun: true }), 200)).toEqual({
    matched: 2,
    replayed: 0,
  });
  expect((await letters()).deadLetters.every(({ replayedAt }) => replayedAt === null)).toBe(true);
});

test('after the cause is mended a replay stores each event once, however often and at once it is asked for', async () => {
  await database.query('alter table event drop constraint no_thirteen');
  const ids = (await letters()).deadLetters.map(({ id }) => id);
  // All of them stand before the same rows when these are let go, so that none comes after another by chance.
  const holder = new pg.Client(tracker.databaseUrl);
  await holder.connect();
  await holder.query('begin; select from dead_letter for update');
  const replays = Array.from({ length: 4 }, () => expectStatus<{ replayed: number }>(replay({ ids }), 200));
  await until(async () => {
    const waiting =
      "select from pg_stat_activity where wait_event_type = 'Lock' and datname = current_database()";
    return (await database.query(waiting)).rowCount === replays.length;
  });
  await holder.query('rollback');
  await holder.end();
  const answers = await Promise.all(replays);
  expect(answers.map(({ replayed }) => replayed).toSorted((a, b) => a - b)).toEqual([0, 0, 0, 2]);
  await until(async () => (await stored(13)) === 2);
  expect(await expectStatus(replay({ ids }), 200)).toEqual({ matched: 2, replayed: 0 });
  expect(await booksAtRest()).toMatchObject({ received: 7, stored: 5, dead: 2, missing: 0, balanced: true });
  expect((await letters()).deadLetters.every(({ replayedAt }) => replayedAt !== null)).toBe(true);
});

test('an event that no store can hold does not keep the others from being replayed', async () => {
  const lane = openLane();
  await database.query('alter table event add constraint no_thirteen check (component_id <> 13) not valid');
  try {
    const receivedAt = Date.now();
    const sessionId = 'a NUL: \0';
    const unstorable = { eventId: randomUUID(), eventType: 'CLICK', sessionId, componentId: 14, receivedAt };
    const envelope = { version: 1, id: randomUUID(), producer: randomUUID(), acknowledged: 0, count: 1 };
    await lane.queue.add('1 event', { ...envelope, events: [unstorable] }, { jobId: `${envelope.id}.1` });
    await expectStatus(post(`${tracker.url}/api/events`, badClick()), 202);
    await until(async () => (await letters({ reason: '22021' })).deadLetters.length === 1);
    await until(async () => (await letters({ reason: 'no_thirteen' })).deadLetters.length === 3);
  } finally {
    await database.query('alter table event drop constraint no_thirteen');
    await lane.end();
  }
  expect(await expectStatus(replay({ filter: { eventType: 'CLICK' } }), 200)).toEqual({
    matched: 4,
    replayed: 1,
  });
  await until(async () => (await stored(13)) === 3);
  expect((await letters({ reason: '22021' })).deadLetters[0]).toMatchObject({ replayedAt: null });
});

test('a job that nobody can read is dead-lettered whole, and the books know its events', async () => {
  const before = await booksAtRest();
  const lane = openLane();
  try {
    await lane.queue.add('nonsense', { what: 'is this' }, { jobId: `${randomUUID()}.3` });
    await until(async () => (await letters({ reason: 'undecodable' })).deadLetters.length === 1);
    expect((await letters({ reason: 'undecodable' })).deadLetters[0]!.event).toEqual({ what: 'is this' });
    expect(await booksAtRest()).toMatchObject({
      received: before.received! + 3,
      stored: before.stored,
      dead: before.dead! + 3,
      missing: 0,
      balanced: true,
    });
    expect(await expectStatus(replay({ filter: { reason: 'undecodable' } }), 200)).toEqual({
      matched: 1,
      replayed: 0,
    });
  } finally {
    await lane.end();
  }
});

test('a change that can not be added up is among them, says what a count lacks, and is added up by a replay', async () => {
  await database.query(`
    create function refuse() returns trigger language plpgsql as $$
    begin raise exception 'refused' using errcode = '22000'; end $$;
    create trigger refuse before insert on statistic for each row when (new.component_id = 14) execute function refuse()`);
  const before = (await booksAtRest()).stored!;
  await expectStatus(post(`${tracker.url}/api/events`, click({ metadata: { componentId: 14 } })), 202);
  const change = await poll(async () => (await letters()).deadLetters.find(({ kind }) => kind === 'change'));
  expect(change).toMatchObject({
    event: null,
    change: { adds: 1, minute: expect.stringMatching(/:00\.000Z$/), eventType: 'CLICK', componentId: 14 },
    code: '22000',
    reason: 'refused',
    replayedAt: null,
  });
  // The event itself is stored, and counted in the books.
  await until(async () => (await books()).stored === before + 1);
  expect(await books()).toMatchObject({ inFlight: 0, missing: 0, balanced: true });
  expect(await stored(14)).toBe(0);

  await database.query('drop function refuse cascade');
  expect(await expectStatus(replay({ ids: [change.id] }), 200)).toEqual({ matched: 1, replayed: 1 });
  await until(async () => (await stored(14)) === 1);
  expect(await expectStatus(replay({ ids: [change.id] }), 200)).toEqual({ matched: 1, replayed: 0 });
  expect(await booksAtRest()).toMatchObject({ stored: before + 1, missing: 0, balanced: true });
});
