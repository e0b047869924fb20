import type { Batch, TrackedEvent } from '@event-tracker/domain';
import type { BadEvent } from '@event-tracker/queue';
import {
  createLedger,
  createPool,
  type Ledger,
  type Pool,
  soundBatch,
  sqlState,
} from '@event-tracker/storage';
import { createTestDatabase } from '@event-tracker/testing';
import { afterAll, beforeAll, beforeEach, expect, test } from '@jest/globals';
import pg from 'pg';
import { createLoneCommit, SearchUnended } from '../src/commit-alone.ts';
import { makeMissingPartitions, withRetries } from '../src/commit-retries.ts';
import { aBatch } from './support/test-system.ts';

const quickLimitMs = 500;

const closers: (() => unknown)[] = [];
let url: string;
let pool: Pool;
let quickPool: Pool;
/** How often a commit or a probe was made with the short limit. */
let steps = 0;

beforeAll(async () => {
  const database = await createTestDatabase();
  url = database.url;
  const open = (queryTimeoutMs: number) =>
    createPool({
      url: database.url,
      applicationName: 'commit-alone-test',
      max: 3,
      connectTimeoutMs: 2000,
      queryTimeoutMs,
      onError: () => {},
    });
  [pool, quickPool] = [open(10_000), open(quickLimitMs)];
  closers.push(
    () => database.drop(),
    () => pool.end(),
    () => quickPool.end(),
  );
});
beforeEach(async () => {
  steps = 0;
  await pool.query('truncate event, batch, producer, dead_letter');
});
afterAll(async () => {
  for (const close of closers.reverse()) await close();
});

function openLoneCommit({ searchLimitMs = 60_000, now = () => performance.now() } = {}) {
  const made = createLedger({ pool: quickPool, now: Date.now });
  const quickLedger: Ledger = {
    commit(...args) {
      steps += 1;
      return made.commit(...args);
    },
    probe(batches) {
      steps += 1;
      return made.probe(batches);
    },
  };
  const wait = {
    takesEvents: () =>
      made.probe([soundBatch(Date.now())]).then(
        () => true,
        () => false,
      ),
    untilBack: (cause: unknown) => Promise.reject(cause),
    worked() {},
    close() {},
  };
  return createLoneCommit({
    quick: withRetries(quickLedger, quickPool, wait),
    patient: withRetries(createLedger({ pool, now: Date.now }), pool, wait),
    probe: quickLedger.probe,
    makePartitions: (batch) => makeMissingPartitions(pool, [batch]),
    searchLimitMs,
    now,
    onBad() {},
  });
}

/** A batch of so many events, some of which are bad. */
function batchWith(size: number, bad: number[]): Batch {
  const batch = aBatch(size);
  for (const at of bad) batch.events[at]!.sessionId = 'bad';
  return batch;
}

/** Rows of `event` meet it, each by itself. */
async function whileRows(when: string, body: string, run: () => Promise<unknown>): Promise<void> {
  await pool.query(`
    create function trouble() returns trigger language plpgsql as $$ begin ${body}; return new; end $$;
    create trigger trouble before insert on event for each row when (${when}) execute function trouble();`);
  try {
    await run();
  } finally {
    await pool.query('drop trigger trouble on event; drop function trouble');
  }
}

const count = async (table: 'event' | 'dead_letter') =>
  (await pool.query<{ rows: number }>(`select count(*) as rows from ${table}`)).rows[0]!.rows;
const idsOf = (events: readonly TrackedEvent[]) => events.map(({ eventId }) => eventId).sort();
const badOf = (batch: Batch) => batch.events.filter(({ sessionId }) => sessionId === 'bad');

async function expectSetAside(batch: Batch, code: string): Promise<void> {
  const { rows } = await pool.query('select event_id, code from dead_letter order by event_id');
  expect(rows).toEqual(idsOf(badOf(batch)).map((event_id) => ({ event_id, code })));
  expect(await count('event')).toBe(batch.events.length - badOf(batch).length);
}

test('the slow events of a batch are found in a few dozen steps, and the others are stored', async () => {
  const batch = batchWith(100, [7, 80]);
  await whileRows("new.session_id = 'bad'", 'perform pg_sleep(20)', () => openLoneCommit()(batch, []));
  await expectSetAside(batch, '57014');
  expect(steps).toBeLessThan(45);
}, 30_000);

test('what a search that took too long has found is kept, so that each goes on where the last one was', async () => {
  const batch = batchWith(16, [1, 5, 12]);
  // A clock of steps: a search is over two steps after its begin, or, as long as nothing was found, ten.
  let clock = 0;
  const now = () => {
    clock += 1;
    return clock;
  };
  const commitAlone = openLoneCommit({ searchLimitMs: 2, now });
  let known: BadEvent[] = [];
  const found: number[] = [];
  await whileRows("new.session_id = 'bad'", "raise exception 'no' using errcode = 'XX000'", async () => {
    for (let unended = true; unended; ) {
      unended = false;
      await commitAlone(batch, known).catch((cause: unknown) => {
        if (!(cause instanceof SearchUnended)) throw cause;
        known = cause.bad;
        found.push(known.length);
        unended = true;
      });
    }
  });
  expect(found).toEqual([1, 2, 3]);
  await expectSetAside(batch, 'XX000');
});

test('a search that finds nothing ends, too', async () => {
  const batch = batchWith(40, []);
  let clock = 0;
  const now = () => {
    clock += 1000;
    return clock;
  };
  await whileRows('true', 'perform pg_sleep(0.03)', async () => {
    await expect(openLoneCommit({ searchLimitMs: 100, now })(batch, [])).rejects.toThrow(
      /without finding one/,
    );
  });
  expect([await count('event'), await count('dead_letter')]).toEqual([0, 0]);
});

test('events that are too slow only together are stored, and none is blamed', async () => {
  const batch = batchWith(40, []);
  // Forty of them take more than twice the short limit.
  await whileRows('true', 'perform pg_sleep(0.03)', () => openLoneCommit()(batch, []));
  expect([await count('event'), await count('dead_letter')]).toEqual([40, 0]);
});

test('an event that waits for a row that somebody else has locked is not blamed, and is stored after', async () => {
  const batch = aBatch(4);
  const { eventId } = Object.assign(batch.events[2]!, { clientId: true });
  // A session of the pool would lose its transaction after two seconds.
  const holder = new pg.Client(url);
  await holder.connect();
  await holder.query('begin');
  await holder.query('insert into event_key (event_id) values ($1)', [eventId]);
  const failure = await openLoneCommit()(batch, []).catch((cause: unknown) => cause);
  await holder.end();
  expect(sqlState(failure)).toBe('55P03');
  expect([await count('event'), await count('dead_letter')]).toEqual([0, 0]);

  await openLoneCommit()(batch, []);
  expect([await count('event'), await count('dead_letter')]).toEqual([4, 0]);
}, 30_000);

test('a database in which every event is too slow blames none', async () => {
  const batch = batchWith(4, []);
  await whileRows('true', 'perform pg_sleep(20)', async () => {
    await expect(openLoneCommit()(batch, [])).rejects.toMatchObject({ code: '57014' });
  });
  expect([await count('event'), await count('dead_letter')]).toEqual([0, 0]);
});

test('an event of a day without a partition is stored with the others of its batch, beside a slow one', async () => {
  const batch = batchWith(6, [1]);
  batch.events[4]!.occurredAt = Date.now() - 50 * 86_400_000;
  await whileRows("new.session_id = 'bad'", 'perform pg_sleep(20)', () => openLoneCommit()(batch, []));
  await expectSetAside(batch, '57014');
}, 30_000);
