import { setTimeout as pause } from 'node:timers/promises';
import type { TrackedEvent } from '@event-tracker/domain';
import { createDurableLane } from '@event-tracker/queue';
import { createDeadLetters } from '@event-tracker/storage';
import { createTestDatabase, startTestRedis, until } from '@event-tracker/testing';
import { afterAll, beforeAll, beforeEach, expect, test } from '@jest/globals';
import pg from 'pg';
import { openTestQuarantine, type TestQuarantine } from './support/test-quarantine.ts';
import { aBatch, openTestSystem, type TestSystem } from './support/test-system.ts';

/** A bad event's batch is halved out of its commit, moved, and searched: a few dozen steps, some of which take a second. */
const settledLimitMs = 60_000;

const closers: (() => unknown)[] = [];
let system: TestSystem;
let quarantine: TestQuarantine;
let pool: pg.Pool;
let output: () => string;

beforeAll(async () => {
  const [database, redis] = await Promise.all([
    createTestDatabase(),
    startTestRedis({ appendfsync: 'everysec' }),
  ]);
  closers.push(
    () => database.drop(),
    () => redis.stop(),
  );
  pool = new pg.Pool({ connectionString: database.url, max: 3 });
  closers.push(() => pool.end());
  system = await openTestSystem({ databaseUrl: database.url, redisUrl: redis.url });
  closers.push(() => system.close());
  quarantine = openTestQuarantine(system.redis);
  closers.push(() => quarantine.close());
  ({ output } = await system.startWorker({ DATABASE_TIMEOUT_MS: '3000' }));
});
beforeEach(async () => {
  await pool.query('truncate dead_letter');
});
afterAll(async () => {
  for (const close of closers.reverse()) await close();
});

let searches = 0;

/** A batch with such keywords, and good ones around each. */
function searchesWith(keywords: string[]) {
  const good = () => {
    searches += 1;
    return `good ${searches}`;
  };
  const batch = aBatch(keywords.length * 2 + 1);
  batch.events.forEach((event, at) => {
    const keyword = at % 2 === 1 ? keywords[(at - 1) / 2]! : good();
    Object.assign(event, { eventType: 'SEARCH', componentId: 1001, keyword });
  });
  return batch;
}

const isGood = ({ keyword }: TrackedEvent) => keyword!.startsWith('good');
const stored = async (events: readonly TrackedEvent[]) => {
  const ids = events.map(({ eventId }) => eventId);
  return (await pool.query('select from event where event_id = any($1::uuid[])', [ids])).rowCount!;
};
const deadLetters = async () =>
  (await pool.query('select event_id, code, reason from dead_letter order by code')).rows;

/** What `body` does befalls each row of `event` of the keyword, until the answer is called. */
async function trouble(keyword: string, body: string): Promise<() => Promise<unknown>> {
  await pool.query(`
    create function trouble() returns trigger language plpgsql as $$ begin ${body}; return new; end $$;
    create trigger trouble before insert on event for each row when (new.keyword = '${keyword}')
      execute function trouble();`);
  return () => pool.query('drop trigger trouble on event; drop function trouble');
}

async function replayAll(): Promise<void> {
  const lane = createDurableLane({ pool, queryTimeoutMs: 5000, onError: () => {} });
  try {
    await createDeadLetters({ pool, lane, batchEventsMax: 500 }).replay({ filter: {} }, false);
  } finally {
    await lane.close();
  }
}

test('events that a commit takes too long over are set aside; all that comes with them and after them is stored soon, and a replay stores them', async () => {
  const mend = await trouble('slow', 'perform pg_sleep(20)');
  const sent: TrackedEvent[] = [];
  const send = async (keywords: string[]) => {
    const batch = searchesWith(keywords);
    sent.push(...batch.events);
    await system.lane.submit(batch);
  };
  let isOver = false;
  async function goodTraffic(): Promise<void> {
    while (!isOver) {
      await send(['good too']);
      await pause(50);
    }
  }
  const traffic = goodTraffic();
  await send(['slow']);
  await pause(300);
  await send(['slow']);
  const firsts = sent.filter(isGood);
  try {
    await until(async () => (await stored(firsts)) === firsts.length, {
      limitMs: settledLimitMs,
      what: 'the good events of the first moment',
    });
    await until(async () => (await deadLetters()).length === 2, {
      limitMs: settledLimitMs,
      what: 'two dead letters',
    });
  } finally {
    isOver = true;
    await traffic;
    await mend();
  }
  const slow = sent.filter((event) => !isGood(event));
  const setAside: string[] = (await deadLetters()).map(({ event_id }) => event_id);
  expect(new Set(setAside)).toEqual(new Set(slow.map(({ eventId }) => eventId)));
  expect(await deadLetters()).toEqual([
    expect.objectContaining({ code: '57014', reason: expect.stringContaining('statement timeout') }),
    expect.objectContaining({ code: '57014', reason: expect.stringContaining('statement timeout') }),
  ]);
  await system.outcomeAtRest();
  expect(await stored(sent)).toBe(sent.length - 2);
  expect(output()).not.toContain('PostgreSQL is away');

  await replayAll();
  await until(async () => (await stored(sent)) === sent.length, { what: 'the replayed events' });
}, 150_000);

test.each([
  ['XX001', 'invalid page in block 7'],
  ['53200', 'out of memory'],
  ['54000', 'index row size 3000 exceeds the maximum'],
  ['P0001', 'a rule of the site'],
])(
  'an event over which PostgreSQL fails with %s is set aside alone',
  async (code, reason) => {
    const mend = await trouble('broken', `raise exception '${reason}' using errcode = '${code}'`);
    const batches = [
      searchesWith(['good a', 'broken', 'good b']),
      ...Array.from({ length: 9 }, () => searchesWith([])),
    ];
    const events = batches.flatMap((batch) => batch.events);
    try {
      await Promise.all(batches.map((batch) => system.lane.submit(batch)));
      await until(async () => (await stored(events)) === events.length - 1, { limitMs: settledLimitMs });
    } finally {
      await mend();
    }
    const [{ eventId: event_id }] = events.filter((event) => !isGood(event)) as [TrackedEvent];
    expect(await deadLetters()).toEqual([{ event_id, code, reason }]);
    expect(output()).not.toContain('PostgreSQL is away');
  },
  90_000,
);

test.each(['pending_entry', 'event'] as const)(
  'while somebody holds a lock on the table "%s", so that no event could be committed, none is blamed',
  async (table) => {
    const events = Array.from({ length: 3 }, () => searchesWith(['good too']));
    const holder = await pool.connect();
    await holder.query(`begin; lock table ${table} in exclusive mode`);
    try {
      const mark = output().length;
      await Promise.all(events.map((batch) => system.lane.submit(batch)));
      await until(() => output().slice(mark).includes('commits no event, not even one with nothing wrong'), {
        limitMs: settledLimitMs,
      });
      expect(await deadLetters()).toEqual([]);
    } finally {
      await holder.query('rollback');
      holder.release();
    }
    const all = events.flatMap((batch) => batch.events);
    await until(async () => (await stored(all)) === all.length, { limitMs: settledLimitMs });
    expect(await deadLetters()).toEqual([]);
    expect(output()).not.toContain('PostgreSQL is away');
    expect(await quarantine.waiting()).toBe(0);
  },
  90_000,
);
