import { randomUUID } from 'node:crypto';
import { setImmediate as nextTurn } from 'node:timers/promises';
import type { Batch } from '@event-tracker/domain';
import type { DurableLane } from '@event-tracker/queue';
import { until } from '@event-tracker/testing';
import { afterAll, beforeAll, beforeEach, describe, expect, test } from '@jest/globals';
import { classifyFailure, createBooksReader, createLikes } from '../src/index.ts';
import { aBatch, aLike, anEvent, anUnlike, aSearch } from './support/builders.ts';
import { lockWaitsDuring } from './support/lock-waits.ts';
import { someEvents } from './support/some-events.ts';
import { everything, openTestLedger, type TestLedger, totals } from './support/test-ledger.ts';

const shards = [0, 1, 2, 3, 4, 5, 6, 7];
let store: TestLedger;

beforeAll(async () => {
  store = await openTestLedger({ connections: 24 });
  // A fold that locks nobody out: the locks are for speed, and nothing may rest on them.
  await store.rows(`
    do $$
    begin
      execute replace(replace(pg_get_functiondef('fold'::regproc), 'FUNCTION public.fold(', 'FUNCTION public.unlocked_fold('),
        'pg_try_advisory_xact_lock(hashtext(''event_tracker.fold''), of_shard)', 'true');
    end $$`);
});
beforeEach(() => store.empty());
afterAll(() => store.close());

/** All that was committed is counted once, at each level, in the books, and in the likes. */
async function expectExact(events: number): Promise<void> {
  await store.foldAll();
  expect(await store.rows('select from pending_change union all select from pending_entry')).toEqual([]);
  const sums = await totals(store.pool);
  const { counted } = sums;
  expect(sums).toMatchObject({ received: events, stored: events, duplicate: 0, events });
  expect([sums.perMinute, sums.perHour, sums.perDay]).toEqual([counted, counted, counted]);
  const plain = await store.rows<{ count: number }>(
    "select count(*) from event where event_type not in ('LIKE', 'UNLIKE')",
  );
  const likes = await store.rows<{ changes: number; net: number }>(
    `select coalesce(sum(count), 0)::bigint as changes,
       coalesce(sum(case event_type when 'LIKE' then count else -count end), 0)::bigint as net
     from statistic where event_type in ('LIKE', 'UNLIKE')`,
  );
  expect(counted).toBe(plain[0]!.count + likes[0]!.changes);
  await expectLikesStand();
}

/** Each post has as many likes as stand, and as its likes that took effect less its unlikes that did. */
async function expectLikesStand(): Promise<void> {
  const differing = await store.rows(
    `select post_id, stand.likes, like_count.likes as counted, net.likes as net
     from (select post_id, count(*) filter (where liked) as likes from like_state group by post_id) as stand
     left join like_count using (post_id)
     left join (
       select post_id, sum(case event_type when 'LIKE' then count else -count end)::bigint as likes
       from statistic where event_type in ('LIKE', 'UNLIKE') group by post_id
     ) as net using (post_id)
     where stand.likes <> coalesce(like_count.likes, 0) or stand.likes <> coalesce(net.likes, 0)`,
  );
  expect(differing).toEqual([]);
}

/** False when it was not, and may be tried again. */
async function isDone(work: Promise<unknown>): Promise<boolean> {
  try {
    await work;
    return true;
  } catch (cause) {
    if (['away', 'conflict'].includes(classifyFailure(cause))) return false;
    throw cause;
  }
}

async function commitSome(commits: number, eventsEach: number): Promise<void> {
  for (let made = 0; made < commits; made += 1) {
    const batch = aBatch(someEvents(eventsEach));
    // A session that is ended for its fold may have begun a commit by then.
    while (!(await isDone(store.ledger.commit([batch]))));
  }
}

/** Folds of few rows, so that many of them meet, until nothing is left; again after a conflict. */
async function foldAway(fold: string, of: readonly number[], done: () => boolean): Promise<number> {
  let taken = 0;
  for (;;) {
    const last = done();
    try {
      const { rows } = await store.pool.query<{ folded: { changes: number; shards: number[] } }>(
        `select ${fold}($1::smallint[], '{1}', 3, 200, 0, null) as folded`,
        [of],
      );
      const { changes } = rows[0]!.folded;
      taken += changes;
      if (last && changes === 0) return taken;
    } catch (cause) {
      if (classifyFailure(cause) !== 'conflict') throw cause;
    }
  }
}

async function foldWhileCommitting(fold: string, folders: readonly (readonly number[])[]): Promise<void> {
  let committed = false;
  await Promise.all([
    Promise.all(Array.from({ length: 4 }, () => commitSome(12, 30))).finally(() => (committed = true)),
    ...folders.map((of) => foldAway(fold, of, () => committed)),
  ]);
  await expectExact(4 * 12 * 30);
}

describe('folds of the same shards at once', () => {
  test('count each change once', () => foldWhileCommitting('fold', [shards, shards, shards, shards]));

  test('count each change once without the locks, too', () =>
    foldWhileCommitting('unlocked_fold', [shards, shards, shards, shards]));

  test('do so where all of them are after one shard, which has rows enough for each', async () => {
    for (let commits = 0; commits < 60; commits += 1)
      await store.ledger.commit([aBatch([anEvent({ componentId: 5 }), anEvent({ componentId: 5 })])]);
    const { shard } = (await store.rows<{ shard: number }>('select distinct shard from pending_change'))[0]!;
    const taken = await Promise.all(
      Array.from({ length: 6 }, () => foldAway('unlocked_fold', [shard], () => true)),
    );
    await expectExact(120);
    // Of the same minute: one change a commit.
    expect(taken.reduce((sum, changes) => sum + changes, 0)).toBeGreaterThanOrEqual(60);
  });

  test('leave a shard that another one holds, and say so', async () => {
    await store.ledger.commit([aBatch([anEvent()])]);
    const other = await store.pool.connect();
    try {
      await other.query('begin');
      await other.query(
        "select pg_advisory_xact_lock(hashtext('event_tracker.fold'), shard) from fold_shard",
      );
      expect(await store.folds.fold(everything(8))).toMatchObject({ shards: [], held: true, changes: 0 });
      await other.query('rollback');
    } finally {
      other.release();
    }
    expect(await store.folds.fold(everything(8))).toMatchObject({ shards, held: false, changes: 1 });
  });

  test('leave a shard of which something was added up just now, and take one at once that was empty', async () => {
    const soon = { ...everything(8), everyMs: 60_000 };
    await store.rows('update fold_shard set folded_at = default');
    expect(await store.folds.fold(soon)).toMatchObject({ held: false, changes: 0 });
    await store.ledger.commit([aBatch([anEvent()])]);
    expect(await store.folds.fold(soon)).toMatchObject({ held: false, changes: 1 });
    await store.ledger.commit([aBatch([anEvent()])]);
    expect(await store.folds.fold(soon)).toMatchObject({ held: true, changes: 0 });
    // Of a clock that was set back.
    await store.rows("update fold_shard set folded_at = now() + interval '1 hour'");
    expect(await store.folds.fold(soon)).toMatchObject({ held: false, changes: 1 });
  });
});

test('folds that are killed at any moment lose nothing, and count nothing twice', async () => {
  let committed = false;
  let killed = 0;
  const folding = async () => {
    for (;;) {
      const last = committed;
      let changes = 1;
      await isDone(
        store.folds.fold({ ...everything(8), rowsMax: 4 }).then((fold) => (changes = fold.changes)),
      );
      await isDone(store.folds.enter(5, []));
      if (last && changes === 0) return;
    }
  };
  const killing = async () => {
    while (!committed) {
      const [found] = await store.rows<{ killed: number }>(
        `select count(*) filter (where pg_terminate_backend(pid)) as killed
         from (
           select pid from pg_stat_activity
           where datname = current_database() and state = 'active' and pid <> pg_backend_pid()
             and query ~ '^-- (Adds up what commits|Enters commits)'
           order by random() limit 1
         ) as folds`,
      );
      killed += found!.killed;
    }
  };
  await Promise.all([
    Promise.all(Array.from({ length: 3 }, () => commitSome(25, 20))).finally(() => (committed = true)),
    folding(),
    folding(),
    killing(),
  ]);
  expect(killed).toBeGreaterThan(5);
  await expectExact(3 * 25 * 20);
});

test('likes by events, in any order, beside likes by route, end with the latest stamp and stand as they are counted', async () => {
  const batches: Batch[] = [];
  const lane = {
    enqueue: async (_: unknown, batch: Batch) => void batches.push(batch),
  } as unknown as Pick<DurableLane, 'enqueue'>;
  const likes = createLikes({ pool: store.pool, lane });
  const start = Date.now() - 60_000;
  let fulfilled = false;
  const oneOf = (count: number) => 1 + Math.floor(Math.random() * count);
  const byRoute = async () => {
    for (let wishes = 0; wishes < 25; wishes += 1) {
      const some = Array.from({ length: 3 }, () => ({
        userId: oneOf(3),
        postId: oneOf(3),
        wish: 'toggle' as const,
        receivedAt: Date.now(),
      }));
      await isDone(likes.fulfil(some, { id: randomUUID(), acknowledged: 0 }));
    }
  };
  const byEvents = async () => {
    for (let commits = 0; commits < 25; commits += 1) {
      const events = Array.from({ length: 6 }, () => {
        const make = Math.random() < 0.5 ? aLike : anUnlike;
        // Now and then ahead of the clock that a route reads.
        return make(oneOf(3), oneOf(3), { occurredAt: start + oneOf(90_000) });
      });
      await store.ledger.commit([aBatch(events)]);
    }
  };
  const deliver = async () => {
    for (const batch of batches.splice(0)) await store.ledger.commit([batch]);
  };
  const delivering = async () => {
    while (!fulfilled) {
      await deliver();
      await nextTurn();
    }
  };
  await Promise.all([
    Promise.all([byRoute(), byRoute(), byRoute(), byEvents(), byEvents()]).finally(() => (fulfilled = true)),
    delivering(),
    ...[1, 2, 3].map(() => foldAway('unlocked_fold', shards, () => fulfilled)),
  ]);
  await deliver();
  await store.foldAll();
  await expectLikesStand();
  // Every like that was ever stamped lies at or before the state of its pair.
  const overlooked = await store.rows(
    `select event.event_id
     from event join like_state s using (user_id, post_id)
     where (event.occurred_at, event.event_id) > (s.occurred_at, s.event_id)`,
  );
  expect(overlooked).toEqual([]);
  const standing = await store.rows<{ same: boolean }>(
    `select distinct s.liked = (event.event_type = 'LIKE') as same
     from like_state s join event on event.event_id = s.event_id`,
  );
  expect(standing).toEqual([{ same: true }]);
});

describe('nobody waits', () => {
  test('for another fold, with all shards folded at once, beside commits', async () => {
    let committed = false;
    const { looks, waits } = await lockWaitsDuring(store.url, () =>
      Promise.all([
        Promise.all(Array.from({ length: 4 }, () => commitSome(20, 40))).finally(() => (committed = true)),
        ...shards.map((shard) => foldAway('fold', [shard], () => committed)),
      ]),
    );
    expect(looks).toBeGreaterThan(20);
    expect(waits).toEqual([]);
    await expectExact(4 * 20 * 40);
  });

  test('for another commit: not over subjects, pairs, producers, nor minutes', async () => {
    const producer = randomUUID();
    const sameEvents = () => [
      ...Array.from({ length: 20 }, () => anEvent()),
      aSearch('cat', { userId: 1 }),
      aLike(1, 7),
      anUnlike(1, 7),
      anEvent({ clientId: true }),
    ];
    const { looks, waits } = await lockWaitsDuring(store.url, () =>
      Promise.all(
        Array.from({ length: 16 }, async () => {
          for (let commits = 0; commits < 15; commits += 1)
            await store.ledger.commit([aBatch(sameEvents(), { producer })]);
        }),
      ),
    );
    expect(looks).toBeGreaterThan(20);
    expect(waits).toEqual([]);
    await expectExact(16 * 15 * 24);
  });

  test('but for a commit that holds the same id of a client, until it is known whose it is', async () => {
    const eventId = randomUUID();
    const other = await store.pool.connect();
    let waiting: Promise<unknown> | undefined;
    const { waits } = await lockWaitsDuring(store.url, async () => {
      await other.query('begin');
      await other.query('insert into event_key (event_id) values ($1)', [eventId]);
      waiting = store.ledger.commit([aBatch([anEvent({ eventId, clientId: true })])]);
      await until(
        async () =>
          (
            await store.rows(
              "select from pg_stat_activity where datname = current_database() and wait_event = 'transactionid'",
            )
          ).length > 0,
      );
      await other.query('rollback');
    });
    other.release();
    expect(await waiting).toMatchObject({ stored: 1 });
    expect(waits.join()).toContain('transactionid');
  });
});

test('the books balance at any moment, whatever commits and folds are under way', async () => {
  const reader = createBooksReader(store.pool);
  let committed = false;
  const repeated = Array.from({ length: 30 }, () => anEvent({ clientId: true }));
  const committing = async () => {
    for (let commits = 0; commits < 25; commits += 1) {
      const events = someEvents(12);
      const again = repeated.slice(commits % 25, (commits % 25) + 3).map((event) => ({ ...event }));
      await store.ledger.commit(
        [aBatch([...events, ...again])],
        new Map([[events[0]!, { code: '22000', reason: 'bad' }]]),
      );
    }
  };
  const folding = async () => {
    while (!committed) {
      const { debtId } = await store.folds.fold({ ...everything(8), rowsMax: 5 });
      await store.folds.enter(7, debtId === undefined ? [] : [debtId]);
    }
  };
  let looks = 0;
  const looking = async () => {
    while (!committed) {
      const books = await reader.read(await reader.acknowledged(), new Map());
      const { received, stored, duplicate, dead, waiting, rows, uncommitted } = books;
      expect({ received, rows, uncommitted }).toEqual({
        received: stored + duplicate + dead + waiting,
        rows: stored,
        uncommitted: 0,
      });
      looks += 1;
    }
  };
  await Promise.all([
    Promise.all([committing(), committing(), committing()]).finally(() => (committed = true)),
    folding(),
    folding(),
    looking(),
    looking(),
  ]);
  expect(looks).toBeGreaterThan(10);
  await store.foldAll();
  const { received, stored, duplicate, dead, waiting } = await reader.read(new Map(), new Map());
  expect([received, dead, waiting]).toEqual([3 * 25 * 15, 75, 0]);
  expect(stored + duplicate).toBe(received - dead);
});
