import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import {
  bucketStart,
  countChanges,
  eventTypes,
  type Grain,
  type SubjectCount,
  subjectOf,
  type TrackedEvent,
} from '../src/index.ts';

const at = Date.parse('2026-11-22T10:34:56.789Z');
const minute = Date.parse('2026-11-22T10:34:00Z');
const hour = Date.parse('2026-11-22T10:00:00Z');
const day = Date.parse('2026-11-22T00:00:00Z');

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

const none: ReadonlySet<TrackedEvent> = new Set();

function subjectCounts(events: TrackedEvent[], grain: Grain, effective = none) {
  return countChanges(events, effective).subjects.filter((count) => count.grain === grain);
}

test('no events change no counts', () => {
  expect(countChanges([], none)).toEqual({ fine: [], subjects: [] });
});

test('one event adds one fine count, and one of its subject to its minute, hour and day', () => {
  const { fine, subjects } = countChanges([event()], none);
  expect(fine).toStrictEqual([
    { minute, eventType: 'CLICK', componentId: 1002, keyword: undefined, postId: undefined, count: 1 },
  ]);
  const named = { eventType: 'CLICK', subject: '0000000000001002', count: 1 };
  expect(subjects).toHaveLength(3);
  expect(subjects).toEqual(
    expect.arrayContaining([
      { grain: 'minute', bucket: minute, ...named },
      { grain: 'hour', bucket: hour, ...named },
      { grain: 'day', bucket: day, ...named },
    ]),
  );
});

describe('the subject', () => {
  const everything = { componentId: 5, keyword: 'cat', postId: 7, userId: 1 };

  test.each([
    { eventType: 'CLICK', subject: '0000000000000005' },
    { eventType: 'PAGE_VIEW', subject: '0000000000000005' },
    { eventType: 'SEARCH', subject: 'cat' },
    { eventType: 'LIKE', subject: '0000000000000007' },
    { eventType: 'UNLIKE', subject: '0000000000000007' },
  ] as const)('of a $eventType is $subject', ({ eventType, subject }) => {
    const one = event({ ...everything, eventType });
    const counts = countChanges([one], new Set([one])).subjects;
    expect(new Set(counts.map((count) => count.subject))).toEqual(new Set([subject]));
  });

  test('has one count where the fine ones are many', () => {
    const events = [
      event({ eventType: 'SEARCH', keyword: 'cat', componentId: 1 }),
      event({ eventType: 'SEARCH', keyword: 'cat', componentId: 2 }),
      event({ eventType: 'SEARCH', keyword: 'cat', componentId: 2, postId: 7 }),
    ];
    expect(countChanges(events, none).fine).toHaveLength(3);
    expect(subjectCounts(events, 'minute')).toMatchObject([{ subject: 'cat', count: 3 }]);
  });
});

test('fine counts are apart by minute, type, component, keyword and post, and by nothing else', () => {
  const one = event({ keyword: 'cat', postId: 7 });
  const others = [
    { occurredAt: minute - 1 },
    { eventType: 'PAGE_VIEW' as const },
    { componentId: 1003 },
    { keyword: 'dog' },
    { postId: 8 },
  ];
  const same = {
    occurredAt: minute,
    userId: 9,
    sessionId: 's-2',
    elementId: 'x',
    properties: { a: 1 },
    eventId: 'e',
  };
  const events = [one, { ...one, ...same }, ...others.map((other) => ({ ...one, ...other })), event()];
  const { fine } = countChanges(events, none);
  expect(fine.map(({ count }) => count).sort((a, b) => a - b)).toEqual([1, 1, 1, 1, 1, 1, 2]);
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
  expect(countChanges(events, none).fine.map(({ count }) => count)).toEqual([1, 1, 1, 1, 1, 1]);
});

test('an event counts in the minute it occurred in, not in the one it was received in', () => {
  const late = event({ occurredAt: at - 3_600_000, receivedAt: at });
  expect(subjectCounts([late], 'minute')).toMatchObject([{ bucket: minute - 3_600_000 }]);
});

describe('likes and unlikes', () => {
  const like = event({ eventType: 'LIKE', userId: 1, postId: 7 });
  const again = event({ eventType: 'LIKE', userId: 1, postId: 7 });
  const unlike = event({ eventType: 'UNLIKE', userId: 1, postId: 7 });

  test('that took no effect do not count', () => {
    expect(countChanges([like, again, unlike], none)).toEqual({ fine: [], subjects: [] });
  });

  test('that took effect count one by one, each type for itself', () => {
    const { fine, subjects } = countChanges([like, again, unlike], new Set([like, unlike]));
    expect(fine).toMatchObject([
      { eventType: 'LIKE', postId: 7, count: 1 },
      { eventType: 'UNLIKE', postId: 7, count: 1 },
    ]);
    expect(subjects.filter(({ grain }) => grain === 'day')).toMatchObject([
      { eventType: 'LIKE', count: 1 },
      { eventType: 'UNLIKE', count: 1 },
    ]);
  });

  test('that took no effect keep no other event from counting', () => {
    const search = event({ eventType: 'SEARCH', keyword: 'cat' });
    expect(countChanges([like, search, event()], none).fine).toMatchObject([
      { eventType: 'CLICK', count: 1 },
      { eventType: 'SEARCH', count: 1 },
    ]);
  });
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
      }),
      { maxLength: 60, size: 'max' },
    )
    .map((changes) => changes.map(event));
  const isLike = ({ eventType }: TrackedEvent) => eventType === 'LIKE' || eventType === 'UNLIKE';
  const withEffective = events.chain((all) =>
    fc.record({ events: fc.constant(all), effective: fc.subarray(all.filter(isLike)) }),
  );

  function totals<T extends { count: number }>(counts: Iterable<T>, keyOf: (count: T) => string) {
    const sums = new Map<string, number>();
    for (const count of counts) sums.set(keyOf(count), (sums.get(keyOf(count)) ?? 0) + count.count);
    return sums;
  }

  const bucketKey = (grain: Grain) => (count: Omit<SubjectCount, 'grain'>) =>
    `${new Date(bucketStart(count.bucket, grain)).toISOString()}/${count.eventType}/${count.subject}`;

  test('every grain counts each event that counts once, under its subject', () => {
    fc.assert(
      fc.property(withEffective, ({ events: all, effective }) => {
        const { subjects } = countChanges(all, new Set(effective));
        const counted = all.filter((one) => !isLike(one) || effective.includes(one));
        for (const grain of ['minute', 'hour', 'day'] as const) {
          const ones = counted.map((one) => ({
            bucket: one.occurredAt,
            eventType: one.eventType,
            subject: subjectOf(one),
            count: 1,
          }));
          const ofGrain = subjects.filter((count) => count.grain === grain);
          expect(totals(ofGrain, bucketKey(grain))).toEqual(totals(ones, bucketKey(grain)));
          expect(ofGrain.every(({ bucket }) => bucket === bucketStart(bucket, grain))).toBe(true);
        }
      }),
    );
  });

  test('hours and days are the sums of their minutes', () => {
    fc.assert(
      fc.property(withEffective, ({ events: all, effective }) => {
        const { subjects } = countChanges(all, new Set(effective));
        const minutes = subjects.filter(({ grain }) => grain === 'minute');
        for (const grain of ['hour', 'day'] as const) {
          const ofGrain = subjects.filter((count) => count.grain === grain);
          expect(totals(ofGrain, bucketKey(grain))).toEqual(totals(minutes, bucketKey(grain)));
        }
      }),
    );
  });

  test('the fine counts of a type and minute sum up to those of its subjects', () => {
    fc.assert(
      fc.property(withEffective, ({ events: all, effective }) => {
        const { fine, subjects } = countChanges(all, new Set(effective));
        const minutes = subjects.filter(({ grain }) => grain === 'minute');
        expect(totals(fine, (count) => `${count.minute}/${count.eventType}`)).toEqual(
          totals(minutes, (count) => `${count.bucket}/${count.eventType}`),
        );
      }),
    );
  });

  const fineKey = (counted: { count: number }) => JSON.stringify({ ...counted, count: 0 });

  test('each key comes once', () => {
    fc.assert(
      fc.property(withEffective, ({ events: all, effective }) => {
        const { fine, subjects } = countChanges(all, new Set(effective));
        for (const keys of [fine.map(fineKey), subjects.map(fineKey)])
          expect(new Set(keys).size).toBe(keys.length);
      }),
    );
  });

  test('the order of the events does not show', () => {
    const shuffled = withEffective.chain(({ events: all, effective }) =>
      fc.record({
        all: fc.constant(all),
        effective: fc.constant(new Set(effective)),
        other: fc.shuffledSubarray(all, { minLength: all.length, maxLength: all.length }),
      }),
    );
    fc.assert(
      fc.property(shuffled, ({ all, other, effective }) => {
        expect(countChanges(other, effective)).toEqual(countChanges(all, effective));
      }),
    );
  });

  // What keeps concurrent commits from deadlocks.
  test('any two commits take the keys that they share in one order', () => {
    fc.assert(
      fc.property(events, events, (one, other) => {
        const [a, b] = [countChanges(one, new Set(one)), countChanges(other, new Set(other))];
        for (const [keys, others] of [
          [a.fine.map(fineKey), b.fine.map(fineKey)],
          [a.subjects.map(fineKey), b.subjects.map(fineKey)],
        ] as const)
          expect(keys.filter((key) => others.includes(key))).toEqual(
            others.filter((key) => keys.includes(key)),
          );
      }),
    );
  });
});
