import { expect } from '@jest/globals';
import { classifyFailure } from '../../src/index.ts';
import { aBatch } from './builders.ts';
import { someEvents } from './some-events.ts';
import { type TestLedger, totals } from './test-ledger.ts';

export const shards = [0, 1, 2, 3, 4, 5, 6, 7];

/** `unlocked_fold`, which locks nobody out: the locks are for speed, and nothing may rest on them. */
export async function makeUnlockedFold(store: TestLedger): Promise<void> {
  await store.rows(`
    do $$
    begin
      execute replace(replace(pg_get_functiondef('fold'::regproc), 'FUNCTION public.fold(', 'FUNCTION public.unlocked_fold('),
        'pg_try_advisory_xact_lock(hashtext(''event_tracker.fold''), of_shard)', 'true');
    end $$`);
}

/** All that was committed is counted once, at each level, in the books, and in the likes. */
export async function expectExact(store: TestLedger, events: number): Promise<void> {
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
  await expectLikesStand(store);
}

/** Each post has as many likes as stand, and as its likes that took effect less its unlikes that did. */
export async function expectLikesStand(store: TestLedger): Promise<void> {
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
export async function isDone(work: Promise<unknown>): Promise<boolean> {
  try {
    await work;
    return true;
  } catch (cause) {
    if (['away', 'conflict'].includes(classifyFailure(cause))) return false;
    throw cause;
  }
}

export async function commitSome(store: TestLedger, commits: number, eventsEach: number): Promise<void> {
  for (let made = 0; made < commits; made += 1) {
    const batch = aBatch(someEvents(eventsEach));
    // A session that is ended for its fold may have begun a commit by then.
    while (!(await isDone(store.ledger.commit([batch]))));
  }
}

/** Folds of few rows, so that many of them meet, until nothing is left; again after a conflict. */
export async function foldAway(
  store: TestLedger,
  fold: string,
  of: readonly number[],
  done: () => boolean,
): Promise<number> {
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
