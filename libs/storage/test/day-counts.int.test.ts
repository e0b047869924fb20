import { until } from '@event-tracker/testing';
import { afterAll, beforeAll, beforeEach, expect, test } from '@jest/globals';
import { countClosedDays, createBooksReader, type Pool } from '../src/index.ts';
import { aBatch, anEvent } from './support/builders.ts';
import { openTestLedger, type TestLedger } from './support/test-ledger.ts';

const day = 86_400_000;
const countAll = (pool: Pool) => countClosedDays(pool, { rowsMax: 1_000_000 });
let store: TestLedger;

beforeAll(async () => {
  store = await openTestLedger({ connections: 12 });
});
beforeEach(() => store.rows('truncate batch, event, event_day, producer, view_debt'));
afterAll(() => store.close());

const eventsOf = (daysAgo: number, count: number) =>
  Array.from({ length: count }, () => anEvent({ occurredAt: Date.now() - daysAgo * day }));
const commit = (daysAgo: number, count: number) =>
  store.ledger.commit([aBatch(eventsOf(daysAgo, count))], []);
const utcDay = (daysAgo: number) => new Date(Date.now() - daysAgo * day).toISOString().slice(0, 10);

async function keptCount(daysAgo: number): Promise<number | null | undefined> {
  const kept = 'select rows from event_day where day = $1';
  return (await store.rows<{ rows: number | null }>(kept, [utcDay(daysAgo)]))[0]?.rows;
}

async function books(): Promise<{ stored: number; rows: number }> {
  const reader = createBooksReader(store.pool);
  const { stored, rows } = await reader.read(await reader.acknowledged(), new Map());
  return { stored, rows };
}

test('days that are over are counted once and kept, the others are counted when asked', async () => {
  await commit(0, 1);
  await commit(3, 2);
  await commit(4, 3);
  expect(await books()).toEqual({ stored: 6, rows: 6 });
  await countAll(store.pool);
  expect([await keptCount(0), await keptCount(3), await keptCount(4), await keptCount(5)]).toEqual([
    undefined,
    2,
    3,
    0,
  ]);
  expect(await books()).toEqual({ stored: 6, rows: 6 });
  expect(await countAll(store.pool)).toBe(0);
});

test('the books tell a row that is gone from a day that is open', async () => {
  await commit(0, 2);
  await countAll(store.pool);
  await store.rows('delete from event where ctid in (select ctid from event limit 1)');
  expect(await books()).toEqual({ stored: 2, rows: 1 });
});

test('a commit of today leaves the days alone', async () => {
  await commit(0, 1);
  expect(await store.rows('select from event_day')).toEqual([]);
});

test('a late commit takes the count of its days away, and it is made anew', async () => {
  await commit(3, 2);
  await countAll(store.pool);
  await store.ledger.commit([aBatch([...eventsOf(3, 1), ...eventsOf(0, 1), ...eventsOf(9, 1)])], []);
  expect([await keptCount(3), await keptCount(9), await keptCount(4)]).toEqual([null, null, 0]);
  expect(await books()).toEqual({ stored: 5, rows: 5 });
  expect(await countAll(store.pool)).toBe(2);
  expect([await keptCount(3), await keptCount(9)]).toEqual([3, 1]);
});

test('days are counted some at a time, those that never were first, and each has its turn', async () => {
  for (const daysAgo of [3, 4, 5]) await commit(daysAgo, 2);
  await countAll(store.pool);
  await commit(2, 2);
  await store.rows('delete from event_day where day = $1', [utcDay(2)]);
  for (const daysAgo of [3, 4, 5]) await commit(daysAgo, 1);
  expect(await countClosedDays(store.pool, { rowsMax: 1 })).toBe(1);
  expect(await keptCount(2)).toBe(2);

  const turns = new Set<number>();
  await until(async () => {
    expect(await countClosedDays(store.pool, { rowsMax: 1 })).toBe(1);
    for (const daysAgo of [3, 4, 5])
      if (typeof (await keptCount(daysAgo)) === 'number') {
        turns.add(daysAgo);
        // It is late again: the others must not wait for it.
        await commit(daysAgo, 1);
      }
    return turns.size === 3;
  });
  const { stored, rows } = await books();
  expect(rows).toBe(stored);
});

test('a late commit that has marked its day and is under way is waited for', async () => {
  await commit(3, 2);
  const holder = await store.pool.connect();
  await holder.query('begin; lock table producer in exclusive mode');
  const late = commit(3, 1);
  await untilWaiting(1);
  const counting = countAll(store.pool);
  await untilWaiting(2);
  await holder.query('rollback');
  holder.release();
  await Promise.all([late, counting]);
  expect(await keptCount(3)).toBe(3);
  expect(await books()).toEqual({ stored: 3, rows: 3 });
});

test.each(['begin-day-count', 'count-day'])(
  'a late commit right after step %s: no count is kept that lacks it',
  async (step) => {
    await commit(3, 2);
    await countAll(interrupted(step, () => commit(3, 1)));
    expect(await keptCount(3)).toBe(null);
    expect(await books()).toEqual({ stored: 3, rows: 3 });
    await countAll(store.pool);
    expect(await keptCount(3)).toBe(3);
  },
);

test('a count that was overtaken by another one, and by a late commit before that, is not kept', async () => {
  await commit(3, 2);
  const overtaking = interrupted('count-day', async () => {
    await commit(3, 1);
    await countAll(store.pool);
  });
  await countAll(overtaking);
  expect(await keptCount(3)).toBe(3);
});

test('under late traffic, with counters side by side, the books always stand for the rows', async () => {
  let stopped = false;
  const during = async (work: () => Promise<unknown>) => {
    while (!stopped) await work();
  };
  const busy = [
    ...[3, 4, 3].map((daysAgo) => during(() => commit(daysAgo, 2))),
    during(() => countAll(store.pool)),
    during(() => countAll(store.pool)),
  ];
  try {
    for (let looks = 0; looks < 150; looks += 1) {
      const { stored, rows } = await books();
      expect(rows).toBe(stored);
    }
  } finally {
    stopped = true;
    await Promise.all(busy);
  }
});

/** The pool with something that happens once, right after a statement of that name. */
function interrupted(statement: string, happen: () => Promise<unknown>): Pool {
  let happened = false;
  type Query = { name?: string; values?: unknown[] } | string;
  const interrupting = (send: (query: Query) => Promise<unknown>) => async (query: Query) => {
    const result = await send(query);
    if (happened || typeof query === 'string' || query.name !== statement) return result;
    if (query.values?.[0] !== utcDay(3)) return result;
    happened = true;
    await happen();
    return result;
  };
  return {
    async connect() {
      const client = await store.pool.connect();
      const query = interrupting((sent) => client.query(sent as never));
      return { query, release: (destroy: boolean) => client.release(destroy) };
    },
  } as unknown as Pool;
}

async function untilWaiting(sessions: number): Promise<void> {
  const waiting =
    "select from pg_stat_activity where wait_event_type = 'Lock' and datname = current_database()";
  await until(async () => (await store.rows(waiting)).length >= sessions);
}

test('days are found as well by a plan that looks at the names of all relations first', async () => {
  const planned = await openTestLedger({ connections: 1 });
  try {
    const setPlan = () =>
      planned.rows('set enable_nestloop = off; set enable_indexscan = off; set enable_bitmapscan = off');
    await setPlan();
    expect(await countAll(planned.pool)).toBeGreaterThan(0);
    await setPlan();
    const reader = createBooksReader(planned.pool);
    expect(await reader.read(await reader.acknowledged(), new Map())).toMatchObject({ stored: 0, rows: 0 });
  } finally {
    await planned.close();
  }
});
