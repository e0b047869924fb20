import { randomUUID } from 'node:crypto';
import type { Batch } from '@event-tracker/domain';
import {
  createLedger,
  createPool,
  isMissingPartition,
  type Ledger,
  type Pool,
  SoundEventsFail,
} from '@event-tracker/storage';
import { createTestDatabase, until } from '@event-tracker/testing';
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import pg from 'pg';
import { withRetries } from '../src/commit-retries.ts';

const day = 86_400_000;
const wait = {
  takesEvents: async () => true,
  untilBack: () => Promise.reject(new Error('away')),
  worked() {},
  close() {},
};
const closers: (() => unknown)[] = [];
let url: string;
let pool: Pool;
let ledger: Ledger;

beforeAll(async () => {
  const database = await createTestDatabase();
  url = database.url;
  pool = createPool({
    url,
    applicationName: 'commit-retries-test',
    max: 4,
    connectTimeoutMs: 2000,
    queryTimeoutMs: 15_000,
    onError: () => {},
  });
  closers.push(
    () => database.drop(),
    () => pool.end(),
  );
  ledger = createLedger({ pool, now: Date.now });
});
afterAll(async () => {
  for (const close of closers.reverse()) await close();
});

function likes(postIds: number[], occurredAt = Date.now()): Batch {
  const events = postIds.map((postId) => ({
    eventId: randomUUID(),
    clientId: true,
    eventType: 'LIKE' as const,
    userId: 1,
    sessionId: 's-1',
    componentId: 1003,
    postId,
    occurredAt,
    receivedAt: occurredAt,
  }));
  return { id: randomUUID(), producer: randomUUID(), acknowledged: 0, events };
}

test('a commit of days that have no partitions makes them, and commits', async () => {
  const days = [-40, 50, -41].map((days) => Date.now() + days * day);
  const batches = [likes([1]), ...days.map((at, index) => likes([10 + index], at))];
  expect(isMissingPartition(await ledger.commit(batches).catch((cause: unknown) => cause))).toBe(true);

  const commit = await withRetries(ledger, pool, wait).commit(batches);

  expect(commit).toMatchObject({ stored: 4, duplicate: 0, repeatedBatches: 0 });
  const { rows } = await pool.query('select count(*) as events from event');
  expect(rows).toEqual([{ events: 4 }]);
});

test('several commits of the same missing day make it once and commit all', async () => {
  const at = Date.now() + 70 * day;
  const retrying = withRetries(ledger, pool, wait);
  const commits = await Promise.all([20, 21, 22, 23].map((postId) => retrying.commit([likes([postId], at)])));
  expect(commits.map((commit) => commit.stored)).toEqual([1, 1, 1, 1]);
});

test('a commit that is the victim of a deadlock is made again by itself', async () => {
  const batch = likes([31, 32]);
  const [first, second] = batch.events.map(({ eventId }) => eventId).sort();
  const insertKey = 'insert into event_key (event_id) values ($1)';
  const other = new pg.Client(url);
  await other.connect();
  try {
    // The other one waits too long to be the one that finds the deadlock out.
    await other.query("set deadlock_timeout = '1min'; begin");
    await other.query(insertKey, [second]);
    const committing = withRetries(ledger, pool, wait).commit([batch]);
    await until(async () => {
      const waiting =
        "select from pg_stat_activity where wait_event_type = 'Lock' and datname = current_database()";
      return (await pool.query(waiting)).rowCount === 1;
    });
    await other.query(insertKey, [first]);
    await other.query('rollback');
    expect(await committing).toMatchObject({ stored: 2 });
  } finally {
    await other.end();
  }
});

test('events that PostgreSQL cannot hold go to the dead letters, and the others of the commit are stored', async () => {
  const batches = [likes([40, 41]), likes([42]), likes([43, 44, 45])];
  const bad = [batches[0]!.events[1]!, batches[2]!.events[0]!];
  for (const event of bad) event.sessionId = 'not\0storable';

  const commit = await withRetries(ledger, pool, wait).commit(batches);

  expect(commit).toMatchObject({ stored: 4, duplicate: 0, dead: 2, repeatedBatches: 0 });
  const { rows } = await pool.query('select event_id, code from dead_letter order by event_id');
  const ids = bad.map(({ eventId }) => eventId).sort();
  expect(rows).toEqual(ids.map((event_id) => ({ event_id, code: '22021' })));
});

test('a database that refuses sound events, too, blames none of them, and takes them once it is mended', async () => {
  const retrying = withRetries(ledger, pool, wait);
  const batch = likes([50]);
  await pool.query('alter table event add constraint broken check (false) not valid');
  try {
    await expect(retrying.commit([batch])).rejects.toThrow(SoundEventsFail);
  } finally {
    await pool.query('alter table event drop constraint broken');
  }
  expect(await retrying.commit([batch])).toMatchObject({ stored: 1, dead: 0 });
});
