import { afterAll, beforeAll, beforeEach, describe, expect, test } from '@jest/globals';
import { checkDays, createBooksReader } from '../src/index.ts';
import { statement } from '../src/postgres/sql.ts';
import { aBatch, anEvent } from './support/builders.ts';
import { openTestLedger, type TestLedger } from './support/test-ledger.ts';

const hour = 3_600_000;
const day = 24 * hour;
let store: TestLedger;

beforeAll(async () => {
  store = await openTestLedger({ connections: 12 });
});
beforeEach(() => store.empty());
afterAll(() => store.close());

const eventsOf = (daysAgo: number, count: number) =>
  Array.from({ length: count }, () => anEvent({ occurredAt: Date.now() - daysAgo * day }));
const commit = (daysAgo: number, count: number) => store.commitAndFold([aBatch(eventsOf(daysAgo, count))]);
const utcDay = (daysAgo: number) => new Date(Date.now() - daysAgo * day).toISOString().slice(0, 10);

/** The day's difference; undefined when no hour of it was compared. */
async function difference(daysAgo: number): Promise<number | undefined> {
  const checked = 'select difference from event_check where day = $1';
  return (await store.rows<{ difference: number }>(checked, [utcDay(daysAgo)]))[0]?.difference;
}

async function books(anew = false): Promise<{ stored: number; rows: number }> {
  const reader = createBooksReader(store.pool);
  const { stored, rows } = await reader.read(await reader.acknowledged(), new Map(), anew);
  return { stored, rows };
}

/** As workers of the release before this one store late events: in no hour, with a mark. */
async function storeAsBefore(daysAgo: number, count: number): Promise<void> {
  await store.rows(
    `with late as (
       insert into event_day (day, late_commits) values ($1, 1)
       on conflict (day) do update set late_commits = event_day.late_commits + 1, rows = null
     ), events as (
       insert into event (event_id, occurred_at, received_at, component_id, event_type, session_id)
       select gen_random_uuid(), $1::timestamp at time zone 'UTC', now(), 1, 'CLICK', 's' from generate_series(1, $2)
     )
     insert into producer (producer_id, acknowledged, received, stored, duplicate, dead)
     values (gen_random_uuid(), $2, $2, $2, 0, 0)`,
    [utcDay(daysAgo), count],
  );
}

test('days that are over are compared once as a whole, the others are counted when asked', async () => {
  await commit(0, 1);
  await commit(3, 2);
  await commit(4, 3);
  expect(await books()).toEqual({ stored: 6, rows: 6 });
  await checkDays(store.pool);
  expect(await Promise.all([3, 4, 5].map(difference))).toEqual([0, 0, 0]);
  expect(await store.rows('select from open_span where day < $1', [utcDay(0)])).toEqual([]);
  expect(await books()).toEqual({ stored: 6, rows: 6 });
  expect(await checkDays(store.pool)).toBe(0);
});

test('a late event adds to its hour, and voids nothing', async () => {
  await commit(3, 2);
  await checkDays(store.pool);
  await store.ledger.commit([aBatch([...eventsOf(3, 1), ...eventsOf(0, 1), ...eventsOf(9, 1)])]);
  expect(await books()).toEqual({ stored: 2, rows: 2 });
  await store.foldAll();
  expect(await books()).toEqual({ stored: 5, rows: 5 });
  expect(await store.rows('select from open_span where day < $1', [utcDay(0)])).toEqual([]);
  expect(await checkDays(store.pool)).toBe(0);
  expect(await Promise.all([3, 9, 4].map(difference))).toEqual([0, 0, 0]);
});

test('late events are compared with what waits, too: adding it up changes no difference', async () => {
  await store.ledger.commit([aBatch(eventsOf(3, 4))]);
  await checkDays(store.pool);
  expect(await difference(3)).toBe(0);
  expect(await books()).toEqual({ stored: 0, rows: 0 });
  await store.foldAll();
  expect(await books()).toEqual({ stored: 4, rows: 4 });
});

describe('rows that are gone are seen', () => {
  const lose = (daysAgo: number) =>
    store.rows(
      'delete from event where occurred_at >= $1::date and occurred_at < $1::date + 1 and ctid = any(array(select ctid from event where occurred_at >= $1::date and occurred_at < $1::date + 1 limit 1))',
      [utcDay(daysAgo)],
    );

  test('of today at once', async () => {
    await commit(0, 2);
    await checkDays(store.pool);
    await lose(0);
    expect(await books(true)).toEqual({ stored: 2, rows: 1 });
  });

  test('of a day that was not compared yet at once', async () => {
    await commit(3, 2);
    await lose(3);
    expect(await books()).toEqual({ stored: 2, rows: 1 });
    await checkDays(store.pool);
    expect(await books()).toEqual({ stored: 2, rows: 1 });
    expect(await difference(3)).toBe(-1);
  });

  test('of yesterday when it is counted anew', async () => {
    await commit(1, 2);
    await checkDays(store.pool);
    await lose(1);
    expect(await books(true)).toEqual({ stored: 2, rows: 1 });
  });

  test('and a row that came otherwise, too', async () => {
    await commit(3, 2);
    await store.rows(
      `insert into event (event_id, occurred_at, received_at, component_id, event_type, session_id)
       values (gen_random_uuid(), $1::timestamp at time zone 'UTC', now(), 1, 'CLICK', 's')`,
      [utcDay(3)],
    );
    expect(await books()).toEqual({ stored: 2, rows: 3 });
    await checkDays(store.pool);
    expect(await books()).toEqual({ stored: 2, rows: 3 });
  });
});

describe('of today', () => {
  // Yesterday stands for it, because a test may run just after midnight: hour by hour, as `open_span` has them.
  const begins = Date.parse(utcDay(1));
  const check = (from: number, to: number, fresh: boolean) =>
    store.pool.query({ ...statement('check-day'), values: [utcDay(1), from, to, fresh] });
  const at = (hours: number, count: number) =>
    Array.from({ length: count }, () => anEvent({ occurredAt: begins + hours * hour }));
  const span = async () => {
    const open = `select (extract(epoch from begins) * 1000)::float8 as begins, difference from open_span where day = $1`;
    return (await store.rows(open, [utcDay(1)]))[0];
  };

  test('hours that were compared are not counted again, and late events still add to them', async () => {
    await store.commitAndFold([aBatch([...at(1, 2), ...at(5, 3)])]);
    await check(begins, begins + 2 * hour, true);
    expect(await span()).toEqual({ begins: begins + 2 * hour, difference: 0 });
    await store.commitAndFold([aBatch([...at(1, 4), ...at(5, 1)])]);
    expect(await books()).toEqual({ stored: 10, rows: 10 });
    await check(begins + 2 * hour, begins + 6 * hour, false);
    expect(await difference(1)).toBe(0);
    expect(await books()).toEqual({ stored: 10, rows: 10 });
  });

  test('the day as a whole is compared once more when it is over: what was lost of it meanwhile is seen', async () => {
    await store.commitAndFold([aBatch(at(1, 5))]);
    await check(begins, begins + 2 * hour, true);
    await store.rows('delete from event where ctid = any(array(select ctid from event limit 2))');
    expect(await books()).toEqual({ stored: 5, rows: 5 });
    await checkDays(store.pool);
    expect(await books()).toEqual({ stored: 5, rows: 3 });
    expect(await difference(1)).toBe(-2);
  });

  test('two processes that go on with the same hours enter what they differ by once', async () => {
    await store.commitAndFold([aBatch(at(1, 1))]);
    await check(begins, begins + hour, true);
    await store.rows('delete from event');
    await Promise.all([1, 2, 3].map(() => check(begins + hour, begins + 2 * hour, false)));
    expect(await difference(1)).toBe(-1);
  });
});

describe('beside workers of the release before this one', () => {
  test('a day that they have marked is open as a whole, until it is compared again', async () => {
    await commit(3, 2);
    await checkDays(store.pool);
    await storeAsBefore(3, 4);
    expect(await books()).toEqual({ stored: 6, rows: 6 });
    await commit(3, 1);
    expect(await books()).toEqual({ stored: 7, rows: 7 });
    expect(await checkDays(store.pool)).toBe(1);
    expect(await difference(3)).toBe(4);
    expect(await books()).toEqual({ stored: 7, rows: 7 });
    await storeAsBefore(3, 1);
    expect(await books()).toEqual({ stored: 8, rows: 8 });
  });

  test('a mark that is made while the day is compared leaves it open', async () => {
    await commit(3, 2);
    const other = await store.pool.connect();
    try {
      await other.query('begin');
      await other.query('insert into event_day (day, late_commits) values ($1, 1)', [utcDay(3)]);
      await checkDays(store.pool);
      await other.query('commit');
    } finally {
      other.release();
    }
    expect(await store.rows('select from open_span where day = $1', [utcDay(3)])).toHaveLength(1);
    expect(await checkDays(store.pool)).toBe(1);
  });
});

test('a partition that somebody has detached is counted by what was entered of it', async () => {
  await commit(3, 2);
  await commit(4, 1);
  await checkDays(store.pool);
  const name = `event_${utcDay(3).replaceAll('-', '')}`;
  await store.rows(`alter table event detach partition ${name}`);
  try {
    expect(await books()).toEqual({ stored: 3, rows: 3 });
    expect(await checkDays(store.pool)).toBe(0);
  } finally {
    await store.rows(
      `alter table event attach partition ${name} for values from ('${utcDay(3)}') to ('${utcDay(2)}')`,
    );
  }
  expect(await books()).toEqual({ stored: 3, rows: 3 });
});

test('under late traffic, with folds and checks side by side, the books always stand for the rows', async () => {
  let stopped = false;
  const during = async (work: () => Promise<unknown>) => {
    while (!stopped) await work();
  };
  const reopen = () => store.rows('delete from event_check where day = $1', [utcDay(3)]);
  const busy = [
    ...[3, 4, 3].map((daysAgo) => during(() => store.ledger.commit([aBatch(eventsOf(daysAgo, 2))]))),
    during(() => store.foldAll()),
    during(async () => {
      await reopen();
      await checkDays(store.pool);
    }),
    during(() => checkDays(store.pool)),
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

test('days are found as well by a plan that looks at the names of all relations first', async () => {
  const planned = await openTestLedger({ connections: 1 });
  try {
    const setPlan = () =>
      planned.rows('set enable_nestloop = off; set enable_indexscan = off; set enable_bitmapscan = off');
    await setPlan();
    expect(await checkDays(planned.pool)).toBeGreaterThan(0);
    await setPlan();
    const reader = createBooksReader(planned.pool);
    expect(await reader.read(await reader.acknowledged(), new Map())).toMatchObject({ stored: 0, rows: 0 });
  } finally {
    await planned.close();
  }
});
