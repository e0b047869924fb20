import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { changesOf, eventTypes, shardOf, strategies, subjectOf, type TrackedEvent } from '../src/index.ts';

const shards = 8;
const at = Date.parse('2026-11-22T10:34:56.789Z');
const minute = Date.parse('2026-11-22T10:34:00Z') / 60_000;

function event(change: Partial<TrackedEvent> = {}): TrackedEvent {
  return {
    eventId: '0198c0de-0000-7000-8000-000000000001',
    clientId: false,
    eventType: 'CLICK',
    sessionId: 's-1',
    componentId: 1002,
    occurredAt: at,
    receivedAt: at,
    ...change,
  };
}

const changes = (events: TrackedEvent[], now = at) => changesOf(events, { shards, now });
const counts = (events: TrackedEvent[]) => changes(events).flatMap((change) => change.counts);
const likes = (events: TrackedEvent[]) => changes(events).flatMap((change) => change.likes);

test('no events change nothing', () => {
  expect(changes([])).toEqual([]);
});

test('one event adds one to one count, in the shard of its subject', () => {
  const subject = '0000000000001002';
  expect(changes([event()])).toStrictEqual([
    {
      shard: shardOf(`component:${subject}`, shards),
      counts: [
        {
          minute,
          eventType: 'CLICK',
          subject,
          componentId: 1002,
          keyword: undefined,
          postId: undefined,
          count: 1,
        },
      ],
      likes: [],
      recent: [],
    },
  ]);
});

describe('the subject', () => {
  const everything = { componentId: 5, keyword: 'cat', postId: 7, userId: 1, tookEffect: true as const };

  test.each([
    { eventType: 'CLICK', subject: '0000000000000005' },
    { eventType: 'PAGE_VIEW', subject: '0000000000000005' },
    { eventType: 'SEARCH', subject: 'cat' },
    { eventType: 'LIKE', subject: '0000000000000007' },
    { eventType: 'UNLIKE', subject: '0000000000000007' },
  ] as const)('of a $eventType is $subject', ({ eventType, subject }) => {
    expect(counts([event({ ...everything, eventType })])).toMatchObject([{ eventType, subject, count: 1 }]);
    const [undecided] = likes([event({ ...everything, eventType, tookEffect: undefined } as never)]);
    if (strategies[eventType].counts === 'effective') expect(undecided).toMatchObject({ eventType, subject });
  });

  test('has a count for each way in which its events differ', () => {
    const events = [
      event({ eventType: 'SEARCH', keyword: 'cat', componentId: 1 }),
      event({ eventType: 'SEARCH', keyword: 'cat', componentId: 2 }),
      event({ eventType: 'SEARCH', keyword: 'cat', componentId: 2, postId: 7 }),
    ];
    const found = counts(events);
    expect(found.map(({ subject, count }) => [subject, count])).toEqual([
      ['cat', 1],
      ['cat', 1],
      ['cat', 1],
    ]);
  });
});

test('counts are apart by minute, type, component, keyword and post, and by nothing else', () => {
  const one = event({ keyword: 'cat', postId: 7 });
  const others = [
    { occurredAt: minute * 60_000 - 1 },
    { eventType: 'PAGE_VIEW' as const },
    { componentId: 1003 },
    { keyword: 'dog' },
    { postId: 8 },
  ];
  const same = {
    occurredAt: minute * 60_000,
    userId: 9,
    sessionId: 's-2',
    elementId: 'x',
    properties: { a: 1 },
    eventId: 'e',
  };
  const events = [one, { ...one, ...same }, ...others.map((other) => ({ ...one, ...other })), event()];
  expect(
    counts(events)
      .map(({ count }) => count)
      .sort((a, b) => a - b),
  ).toEqual([1, 1, 1, 1, 1, 1, 2]);
});

test('a keyword that looks like other fields is not taken for them', () => {
  const events = [
    event({ eventType: 'SEARCH', keyword: '7' }),
    event({ eventType: 'SEARCH', keyword: '7', postId: 7 }),
    event({ eventType: 'CLICK', postId: 7 }),
    event({ eventType: 'CLICK', keyword: '7' }),
    event({ eventType: 'CLICK', keyword: '7 7' }),
    event({ eventType: 'CLICK', postId: 7, keyword: '7' }),
  ];
  expect(counts(events).map(({ count }) => count)).toEqual([1, 1, 1, 1, 1, 1]);
});

test('an event counts in the minute it occurred in, not in the one it was received in', () => {
  const late = event({ occurredAt: at - 3_600_000, receivedAt: at });
  expect(counts([late])).toMatchObject([{ minute: minute - 60 }]);
});

describe('likes and unlikes', () => {
  const like = event({ eventType: 'LIKE', userId: 1, postId: 7, keyword: 'cat' });
  const unlike = event({ eventType: 'UNLIKE', userId: 1, postId: 7 });
  const decided = (one: TrackedEvent) => ({ ...one, tookEffect: true as const });

  test('that nobody has decided are left to the fold, one by one, with all that they would count by', () => {
    expect(counts([like, like, unlike])).toEqual([]);
    const left = {
      userId: 1,
      postId: 7,
      occurredAt: at,
      eventId: like.eventId,
      subject: '0000000000000007',
      componentId: 1002,
    };
    expect(likes([like, like, unlike])).toStrictEqual([
      { ...left, eventType: 'LIKE', liked: true, keyword: 'cat' },
      { ...left, eventType: 'LIKE', liked: true, keyword: 'cat' },
      { ...left, eventType: 'UNLIKE', liked: false, keyword: undefined },
    ]);
  });

  test('that a like route has decided are counts, each type for itself, and change no state', () => {
    const events = [decided(like), decided(unlike), decided(like)];
    expect(counts(events)).toMatchObject([
      { eventType: 'LIKE', postId: 7, count: 2 },
      { eventType: 'UNLIKE', postId: 7, count: 1 },
    ]);
    expect(likes(events)).toEqual([]);
  });

  test('of a post, decided or not, are in one shard', () => {
    expect(changes([decided(like), decided(unlike), like, unlike])).toHaveLength(1);
  });

  test('keep no other event from counting', () => {
    const search = event({ eventType: 'SEARCH', keyword: 'cat' });
    expect(counts([like, search, event()])).toMatchObject([
      { eventType: 'SEARCH', count: 1 },
      { eventType: 'CLICK', count: 1 },
    ]);
  });
});

test('a search that is not forgotten yet is a recent keyword, in the shard of its user', () => {
  const search = event({ eventType: 'SEARCH', keyword: 'cat', userId: 42 });
  const recent = changes([search]).find((change) => change.recent.length > 0)!;
  expect(recent.recent).toEqual([{ userId: 42, keyword: 'cat', occurredAt: at }]);
  expect(recent.shard).toBe(shardOf('user:42', shards));
  expect(changes([search], at + 3_600_000).flatMap((change) => change.recent)).toEqual([]);
});

describe('for any events', () => {
  // Few minutes, at the edges of hours and a day, and few subjects: counts beyond one, and several minutes of one
  // subject in an hour, are the rule.
  const edge = Date.parse('2026-11-22T00:00:00Z');
  const events = fc
    .array(
      fc.record({
        eventType: fc.constantFrom(...eventTypes),
        userId: fc.constant(1),
        componentId: fc.integer({ min: 1, max: 2 }),
        keyword: fc.constantFrom('cat', 'cat food', '1'),
        postId: fc.constantFrom(1, 2 ** 53 - 1),
        occurredAt: fc
          .tuple(fc.constantFrom(-61, -60, -1, 0, 59, 60), fc.constantFrom(0, 59_999))
          .map(([minutes, rest]) => edge + minutes * 60_000 + rest),
        tookEffect: fc.constantFrom(undefined, true as const),
      }),
      { maxLength: 60, size: 'max' },
    )
    .map((all) => all.map((change) => event(change as Partial<TrackedEvent>)));
  const isUndecided = (one: TrackedEvent) =>
    strategies[one.eventType].counts === 'effective' && !one.tookEffect;

  function totals(items: Iterable<{ key: string; count: number }>) {
    const sums = new Map<string, number>();
    for (const { key, count } of items) sums.set(key, (sums.get(key) ?? 0) + count);
    return sums;
  }

  test('each event counts once under its subject and minute, or is left to the fold', () => {
    fc.assert(
      fc.property(events, (all) => {
        const [undecided, decided] = [all.filter(isUndecided), all.filter((one) => !isUndecided(one))];
        const keyOf = (of: { minute: number; eventType: string; subject: string }) =>
          `${of.minute}/${of.eventType}/${of.subject}`;
        const plainly = decided.map((one) => ({
          key: keyOf({
            minute: Math.floor(one.occurredAt / 60_000),
            eventType: one.eventType,
            subject: subjectOf(one),
          }),
          count: 1,
        }));
        const changed = counts(all).map((change) => ({ key: keyOf(change), count: change.count }));
        expect(totals(changed)).toEqual(totals(plainly));
        expect(likes(all)).toHaveLength(undecided.length);
      }),
    );
  });

  test('each key comes once', () => {
    fc.assert(
      fc.property(events, (all) => {
        const keys = counts(all).map((change) => JSON.stringify({ ...change, count: 0 }));
        expect(new Set(keys).size).toBe(keys.length);
      }),
    );
  });

  test('the order of the events does not show in the counts', () => {
    const shuffled = events.chain((all) =>
      fc.record({
        all: fc.constant(all),
        other: fc.shuffledSubarray(all, { minLength: all.length, maxLength: all.length }),
      }),
    );
    const sorted = (all: TrackedEvent[]) =>
      counts(all)
        .map((change) => JSON.stringify(change))
        .sort();
    fc.assert(fc.property(shuffled, ({ all, other }) => expect(sorted(other)).toEqual(sorted(all))));
  });

  // What lets shards be folded side by side: no row of theirs is another's.
  test('a shard comes once, and what is counted by a subject is in one shard', () => {
    fc.assert(
      fc.property(events, (all) => {
        const found = changes(all);
        expect(new Set(found.map(({ shard }) => shard)).size).toBe(found.length);
        const shardBySubject = new Map<string, number>();
        for (const { shard, counts: ofShard, likes: likesOfShard } of found) {
          expect(shard).toBeGreaterThanOrEqual(0);
          expect(shard).toBeLessThan(shards);
          for (const { eventType, subject } of [...ofShard, ...likesOfShard]) {
            const key = `${strategies[eventType].subjectKind} ${subject}`;
            expect(shardBySubject.get(key) ?? shard).toBe(shard);
            shardBySubject.set(key, shard);
          }
        }
      }),
    );
  });
});
