import type { TrackedEvent } from '@event-tracker/domain';
import { afterAll, beforeAll, beforeEach, describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { aBatch, aLike, anEvent, anUnlike, aSearch } from './support/builders.ts';
import { foldInModel, isLater, pairOf, type Standing } from './support/like-model.ts';
import { openTestLedger, type TestLedger } from './support/test-ledger.ts';

let store: TestLedger;

beforeAll(async () => {
  store = await openTestLedger({ connections: 8 });
});
beforeEach(() => store.empty());
afterAll(() => store.close());

const now = Date.now() - 3_600_000;
const commit = (events: TrackedEvent[]) => store.ledger.commit([aBatch(events)]);

async function states(): Promise<Map<string, Standing>> {
  const rows = await store.rows<Standing & { pair: string }>(
    `select concat(user_id, ' ', post_id) as pair, liked, (extract(epoch from occurred_at) * 1000)::float8 as "occurredAt",
       event_id as "eventId"
     from like_state order by 1`,
  );
  return new Map(rows.map(({ pair, ...state }) => [pair, state]));
}

/** What took effect, by pair: each pair's post is its own in the tests that ask. */
async function effective(): Promise<Map<number, string[]>> {
  const rows = await store.rows<{ post_id: number; types: string[] }>(
    `select post_id, array_agg(event_type || ' ' || count order by event_type) as types from statistic group by post_id`,
  );
  return new Map(rows.map((row) => [row.post_id, row.types]));
}

const likeCount = async (postId: number) =>
  (await store.rows<{ likes: number }>('select likes from like_count where post_id = $1', [postId]))[0]
    ?.likes;

describe('one event over the state that stands', () => {
  const standing = { occurredAt: now, eventId: '50000000-0000-4000-8000-000000000000' };
  const lower = '4fffffff-ffff-4fff-8fff-ffffffffffff';
  const higher = 'a0000000-0000-4000-8000-000000000000';
  const like = (fields: object) => aLike(1, 7, fields);
  const unlike = (fields: object) => anUnlike(1, 7, fields);

  async function stand(liked: boolean): Promise<void> {
    await store.rows(
      'insert into like_state (post_id, user_id, liked, occurred_at, event_id) values (7, 1, $1, to_timestamp($2 / 1000.0::float8), $3)',
      [liked, standing.occurredAt, standing.eventId],
    );
    await store.rows('insert into like_count (post_id, likes) values (7, $1)', [Number(liked)]);
  }

  test.each([
    { name: 'a like of what was never liked', over: undefined, event: like({}), liked: true, counts: true },
    {
      name: 'an unlike of what was never liked',
      over: undefined,
      event: unlike({}),
      liked: false,
      counts: false,
    },
    {
      name: 'a like of what a like route has just made a row for',
      over: null,
      event: like({}),
      liked: true,
      counts: true,
    },
    {
      name: 'a later unlike of a like',
      over: true,
      event: unlike({ occurredAt: now + 1, eventId: lower }),
      liked: false,
      counts: true,
    },
    {
      name: 'a later like of a like',
      over: true,
      event: like({ occurredAt: now + 1, eventId: lower }),
      liked: true,
      counts: false,
    },
    {
      name: 'an unlike at the same time with a higher id',
      over: true,
      event: unlike({ occurredAt: now, eventId: higher }),
      liked: false,
      counts: true,
    },
  ])('$name takes the stamp', async ({ over, event, liked, counts }) => {
    if (over === null)
      await store.rows(
        "insert into like_state values ('-infinity', '00000000-0000-0000-0000-000000000000', 7, 1, false)",
      );
    if (typeof over === 'boolean') await stand(over);
    await commit([event]);
    await store.foldAll();
    const { occurredAt, eventId } = event;
    expect(await states()).toEqual(new Map([['1 7', { liked, occurredAt, eventId }]]));
    expect(await effective()).toEqual(new Map(counts ? [[7, [`${event.eventType} 1`]]] : []));
    expect((await likeCount(7)) ?? 0).toBe(Number(liked));
  });

  test.each([
    { name: 'an earlier unlike', event: unlike({ occurredAt: now - 1, eventId: higher }) },
    { name: 'an earlier like', event: like({ occurredAt: now - 1, eventId: higher }) },
    { name: 'an unlike at the same time with a lower id', event: unlike({ ...standing, eventId: lower }) },
    { name: 'the same event again', event: unlike(standing) },
  ])('$name changes nothing', async ({ event }) => {
    await stand(true);
    await commit([event]);
    await store.foldAll();
    expect(await states()).toEqual(new Map([['1 7', { liked: true, ...standing }]]));
    expect(await effective()).toEqual(new Map());
    expect(await likeCount(7)).toBe(1);
  });
});

describe('events of one fold', () => {
  test('an unlike that arrives before its like wins if it happened later, and both took effect', async () => {
    const later = anUnlike(1, 7, { occurredAt: now + 1000 });
    const earlier = aLike(1, 7, { occurredAt: now });
    await commit([later, earlier]);
    await store.foldAll();
    expect(await states()).toMatchObject(new Map([['1 7', { liked: false, eventId: later.eventId }]]));
    expect(await effective()).toEqual(new Map([[7, ['LIKE 1', 'UNLIKE 1']]]));
    expect((await likeCount(7)) ?? 0).toBe(0);
  });

  test('what several commits hold is folded as if one had held it', async () => {
    await commit([anUnlike(1, 7, { occurredAt: now + 2000 })]);
    await commit([aLike(1, 7, { occurredAt: now + 3000 })]);
    await commit([aLike(1, 7, { occurredAt: now })]);
    await store.foldAll();
    expect(await effective()).toEqual(new Map([[7, ['LIKE 2', 'UNLIKE 1']]]));
    expect(await likeCount(7)).toBe(1);
  });

  test('at one time are decided by the bytes of their ids, digits before letters', async () => {
    const [first, second] = ['9fffffff-ffff-4fff-8fff-ffffffffffff', 'a0000000-0000-4000-8000-000000000000'];
    await commit([
      aLike(1, 7, { occurredAt: now, eventId: first }),
      anUnlike(1, 7, { occurredAt: now, eventId: second }),
      anUnlike(1, 8, { occurredAt: now, eventId: second }),
      aLike(1, 8, { occurredAt: now, eventId: first }),
    ]);
    await store.foldAll();
    for (const state of (await states()).values())
      expect(state).toMatchObject({ liked: false, eventId: second });
  });

  test('change the pairs that they concern, and no others', async () => {
    await commit([aLike(2, 7, { occurredAt: now + 5000 }), aLike(1, 8, { occurredAt: now })]);
    await store.foldAll();
    const before = await states();
    const events = [
      aLike(1, 7, { occurredAt: now + 1 }),
      anUnlike(1, 7, { occurredAt: now + 2 }),
      aLike(1, 7, { occurredAt: now + 3 }),
    ];
    await commit([...events, anUnlike(2, 7, { occurredAt: now + 4 })]);
    await store.foldAll();
    const { eventId, occurredAt } = events[2]!;
    expect(await states()).toEqual(new Map([...before, ['1 7', { liked: true, occurredAt, eventId }]]));
    expect(await effective()).toEqual(
      new Map([
        [7, ['LIKE 3', 'UNLIKE 1']],
        [8, ['LIKE 1']],
      ]),
    );
    expect([await likeCount(7), await likeCount(8)]).toEqual([2, 1]);
  });

  test('that are no likes make no states', async () => {
    await commit([anEvent({ userId: 1, postId: 7 }), aSearch('cat', { userId: 1, postId: 7 })]);
    await store.foldAll();
    expect(await states()).toEqual(new Map());
    expect(await store.rows('select from like_count')).toEqual([]);
  });

  test('that a like route has decided count, and leave states and numbers of likes to it', async () => {
    await commit([aLike(1, 7, { tookEffect: true }), anUnlike(1, 7, { tookEffect: true })]);
    await store.foldAll();
    expect(await states()).toEqual(new Map());
    expect(await effective()).toEqual(new Map([[7, ['LIKE 1', 'UNLIKE 1']]]));
    expect(await store.rows('select from like_count')).toEqual([]);
  });
});

describe('whatever the order of arrival, the split into commits, and the folds between and beside them', () => {
  // Few times, users and posts: equal stamps but for the id, and pairs that several commits touch, are the rule.
  const arrivals = fc
    .uniqueArray(
      fc.record({
        eventId: fc.uuid(),
        eventType: fc.constantFrom<'LIKE' | 'UNLIKE'>('LIKE', 'UNLIKE'),
        userId: fc.integer({ min: 1, max: 2 }),
        postId: fc.integer({ min: 1, max: 2 }),
        occurredAt: fc.integer({ min: 0, max: 4 }).map((after) => now + after),
      }),
      { selector: ({ eventId }) => eventId, maxLength: 24, size: 'max' },
    )
    .map((changes) => changes.map((change) => aLike(change.userId, change.postId, change)))
    .chain((events) =>
      fc.record({
        events: fc.shuffledSubarray(events, { minLength: events.length, maxLength: events.length }),
        // After an event: nothing, the end of its commit, or a fold as well.
        after: fc.array(fc.constantFrom('more', 'commit', 'fold'), {
          minLength: events.length,
          maxLength: events.length,
        }),
      }),
    );

  async function netBySubject(): Promise<Map<number, number>> {
    const rows = await store.rows<{ post_id: number; net: number }>(
      `select post_id, sum(case event_type when 'LIKE' then count else -count end)::bigint as net
       from statistic group by post_id`,
    );
    return new Map(rows.map((row) => [row.post_id, row.net]));
  }

  async function expectLikesStand(): Promise<void> {
    const standing = await store.rows<{ post_id: number; likes: number }>(
      'select post_id, count(*) filter (where liked) as likes from like_state group by post_id',
    );
    const net = await netBySubject();
    for (const { post_id, likes } of standing) {
      expect([post_id, net.get(post_id) ?? 0]).toEqual([post_id, likes]);
      expect([post_id, (await likeCount(post_id)) ?? 0]).toEqual([post_id, likes]);
    }
  }

  test('one fold after the other does what the model does, and after each likes less unlikes are the likes that stand', async () => {
    await fc.assert(
      fc.asyncProperty(arrivals, async ({ events, after }) => {
        await store.empty();
        const model = new Map<string, Standing>();
        const tookEffect: TrackedEvent[] = [];
        let committed: TrackedEvent[] = [];
        let batch: TrackedEvent[] = [];
        const fold = async () => {
          await store.foldAll();
          tookEffect.push(...foldInModel(model, committed));
          committed = [];
          await expectLikesStand();
        };
        const end = async () => {
          await commit(batch);
          committed.push(...batch);
          batch = [];
        };
        for (const [at, event] of events.entries()) {
          batch.push(event);
          if (after[at] !== 'more') await end();
          if (after[at] === 'fold') await fold();
        }
        if (batch.length > 0) await end();
        await fold();
        expect(await states()).toEqual(new Map([...model].sort(([a], [b]) => (a < b ? -1 : 1))));
        const counts = await store.rows<{ event_type: string; count: number }>(
          'select event_type, sum(count)::bigint as count from statistic group by event_type',
        );
        expect(new Map(counts.map((row) => [row.event_type, row.count]))).toEqual(
          new Map(
            [...Map.groupBy(tookEffect, ({ eventType }) => eventType)].map(([type, all]) => [
              type,
              all.length,
            ]),
          ),
        );
        // Folding again, with nothing left, changes nothing.
        const before = await states();
        await fold();
        expect(await states()).toEqual(before);
      }),
      { numRuns: 40 },
    );
  });

  test('commits and folds side by side end with the event of the greatest stamp of each pair', async () => {
    await fc.assert(
      fc.asyncProperty(arrivals, async ({ events, after }) => {
        await store.empty();
        const batches: TrackedEvent[][] = [[]];
        for (const [at, event] of events.entries()) {
          batches.at(-1)!.push(event);
          if (after[at] !== 'more') batches.push([]);
        }
        const work = batches.filter((batch) => batch.length > 0);
        await Promise.all([...work.map((batch) => commit(batch)), ...work.map(() => store.foldAll())]);
        await store.foldAll();
        const last = new Map<string, TrackedEvent>();
        for (const event of events) {
          const best = last.get(pairOf(event));
          if (!best || isLater(event, best)) last.set(pairOf(event), event);
        }
        const found = await states();
        expect(found.size).toBe(last.size);
        for (const [pair, { eventType, occurredAt, eventId }] of last)
          expect(found.get(pair)).toEqual({ liked: eventType === 'LIKE', occurredAt, eventId });
        await expectLikesStand();
      }),
      { numRuns: 25 },
    );
  });
});
