import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { foldLikes, type LikeState, likeEffect, likePair, type TrackedEvent } from '../src/index.ts';

const nil = '00000000-0000-0000-0000-000000000000';

function like(change: Partial<TrackedEvent> = {}): TrackedEvent {
  return {
    eventId: '0198c0de-0000-7000-8000-000000000001',
    clientId: false,
    eventType: 'LIKE',
    userId: 1,
    sessionId: 's-1',
    componentId: 1003,
    postId: 7,
    occurredAt: 1000,
    receivedAt: 1000,
    ...change,
  };
}

const unlike = (change: Partial<TrackedEvent> = {}) => like({ eventType: 'UNLIKE', ...change });

function state(change: Partial<LikeState> = {}): LikeState {
  return {
    userId: 1,
    postId: 7,
    liked: false,
    occurredAt: Number.NEGATIVE_INFINITY,
    eventId: nil,
    ...change,
  };
}

describe('one event over the state that stands', () => {
  const standing = { occurredAt: 1000, eventId: '50000000-0000-4000-8000-000000000000' };
  const lower = '4fffffff-ffff-4fff-8fff-ffffffffffff';
  const higher = 'a0000000-0000-4000-8000-000000000000';

  test.each([
    { name: 'a like of what was never liked', over: state(), event: like(), liked: true, effective: true },
    {
      name: 'a like at the epoch of what was never liked',
      over: state(),
      event: like({ occurredAt: 0 }),
      liked: true,
      effective: true,
    },
    {
      name: 'an unlike of what was never liked',
      over: state(),
      event: unlike(),
      liked: false,
      effective: false,
    },
    {
      name: 'a later unlike of a like',
      over: state({ ...standing, liked: true }),
      event: unlike({ occurredAt: 1001, eventId: lower }),
      liked: false,
      effective: true,
    },
    {
      name: 'a later like of a like',
      over: state({ ...standing, liked: true }),
      event: like({ occurredAt: 1001, eventId: lower }),
      liked: true,
      effective: false,
    },
    {
      name: 'an unlike at the same time with a higher id',
      over: state({ ...standing, liked: true }),
      event: unlike({ occurredAt: 1000, eventId: higher }),
      liked: false,
      effective: true,
    },
  ])('$name takes the stamp', ({ over, event, liked, effective }) => {
    const folded = foldLikes([over], [event]);
    expect(folded.states).toMatchObject([
      { userId: 1, postId: 7, liked, occurredAt: event.occurredAt, eventId: event.eventId },
    ]);
    expect([...folded.effective]).toEqual(effective ? [event] : []);
  });

  test.each([
    { name: 'an earlier unlike', event: unlike({ occurredAt: 999, eventId: higher }) },
    { name: 'an earlier like', event: like({ occurredAt: 999, eventId: higher }) },
    { name: 'an unlike at the same time with a lower id', event: unlike({ ...standing, eventId: lower }) },
    { name: 'the same event again', event: unlike(standing) },
  ])('$name changes nothing', ({ event }) => {
    const folded = foldLikes([state({ ...standing, liked: true })], [event]);
    expect(folded).toEqual({ states: [], effective: new Set() });
  });
});

describe('events of one commit', () => {
  test('an unlike that arrives before its like wins if it happened later', () => {
    const later = unlike({ occurredAt: 2000 });
    const earlier = like({ occurredAt: 1000, eventId: '0198c0de-0000-7000-8000-000000000002' });
    const folded = foldLikes([state()], [later, earlier]);
    expect(folded.states).toMatchObject([{ liked: false, occurredAt: 2000, eventId: later.eventId }]);
    expect(folded.effective).toEqual(new Set([earlier, later]));
  });

  test('at one time are decided by the bytes of their ids, digits before letters', () => {
    const first = like({ eventId: '9fffffff-ffff-4fff-8fff-ffffffffffff' });
    const second = unlike({ eventId: 'a0000000-0000-4000-8000-000000000000' });
    for (const events of [
      [first, second],
      [second, first],
    ])
      expect(foldLikes([state()], events).states).toMatchObject([{ liked: false, eventId: second.eventId }]);
  });

  test('come back as one state a pair, and only the pairs that changed', () => {
    const standing = [
      state({ userId: 1, postId: 7 }),
      state({ userId: 2, postId: 7, liked: true, occurredAt: 5000 }),
      state({ userId: 1, postId: 8 }),
    ];
    const events = [
      like({ userId: 1, postId: 7, occurredAt: 1 }),
      unlike({ userId: 1, postId: 7, occurredAt: 2 }),
      like({ userId: 1, postId: 7, occurredAt: 3 }),
      unlike({ userId: 2, postId: 7, occurredAt: 4 }),
    ];
    const folded = foldLikes(standing, events);
    expect(folded.states).toMatchObject([{ userId: 1, postId: 7, liked: true, occurredAt: 3 }]);
    expect(folded.effective).toEqual(new Set(events.slice(0, 3)));
  });

  test('that are no likes are passed over', () => {
    const click = like({ eventType: 'CLICK' });
    const search = like({ eventType: 'SEARCH', keyword: 'cat' });
    expect(foldLikes([], [click, search])).toEqual({ states: [], effective: new Set() });
    expect([click, search].map(likeEffect)).toEqual([undefined, undefined]);
  });

  test('of a pair whose state was not read are an error, not a guess', () => {
    expect(() => foldLikes([state({ postId: 8 })], [like()])).toThrow('not read');
  });

  test('leave the states and the events that were given as they were', () => {
    const standing = Object.freeze([Object.freeze(state())]);
    const events = Object.freeze([unlike({ occurredAt: 2 }), like({ occurredAt: 1 })].map(Object.freeze));
    foldLikes(standing, events as TrackedEvent[]);
    expect(standing).toEqual([state()]);
    expect(events.map((event) => (event as TrackedEvent).occurredAt)).toEqual([2, 1]);
  });
});

test('pairs of different users and posts never meet', () => {
  expect(likePair({ userId: 1, postId: 12 })).not.toBe(likePair({ userId: 11, postId: 2 }));
  expect(likePair({ userId: 1, postId: 2 })).not.toBe(likePair({ userId: 2, postId: 1 }));
});

describe('whatever the order of arrival and the split into commits', () => {
  // Few times, users and posts: equal stamps but for the id, and pairs that several commits touch, are the rule.
  const arrivals = fc
    .uniqueArray(
      fc.record({
        eventId: fc.uuid(),
        eventType: fc.constantFrom<'LIKE' | 'UNLIKE'>('LIKE', 'UNLIKE'),
        userId: fc.integer({ min: 1, max: 2 }),
        postId: fc.integer({ min: 1, max: 2 }),
        occurredAt: fc.integer({ min: 0, max: 4 }),
      }),
      { selector: ({ eventId }) => eventId, maxLength: 24 },
    )
    .map((changes) => changes.map(like))
    .chain((events) => {
      const all = { minLength: events.length, maxLength: events.length };
      return fc.record({
        events: fc.shuffledSubarray(events, all),
        endsCommit: fc.array(fc.boolean(), all),
      });
    });

  function commitsOf({ events, endsCommit }: { events: TrackedEvent[]; endsCommit: boolean[] }) {
    const commits: TrackedEvent[][] = [[]];
    for (const [i, event] of events.entries()) {
      commits.at(-1)!.push(event);
      if (endsCommit[i]) commits.push([]);
    }
    return commits;
  }

  /** The ledger's step 3, in memory: placeholders for unknown pairs, fold, update. */
  function createLikeTable() {
    const states = new Map<string, LikeState>();
    const net = new Map<string, number>();
    return {
      states,
      net,
      commit(events: TrackedEvent[]): number {
        for (const event of events) {
          const { userId, postId } = likeEffect(event)!;
          const pair = likePair({ userId, postId });
          if (!states.has(pair)) states.set(pair, state({ userId, postId }));
        }
        const pairs = new Set(events.map((event) => likePair(likeEffect(event)!)));
        const folded = foldLikes(
          [...pairs].map((pair) => states.get(pair)!),
          events,
        );
        for (const changed of folded.states) states.set(likePair(changed), changed);
        for (const event of folded.effective) {
          const pair = likePair(likeEffect(event)!);
          net.set(pair, (net.get(pair) ?? 0) + (event.eventType === 'LIKE' ? 1 : -1));
        }
        return folded.states.length;
      },
    };
  }

  const bytesOf = (eventId: string) => Buffer.from(eventId.replaceAll('-', ''), 'hex');

  /** The model: of the events of a pair, the one with the greatest (occurredAt, bytes of eventId) stands. */
  function standingByModel(events: TrackedEvent[]): Map<string, TrackedEvent> {
    const standing = new Map<string, TrackedEvent>();
    for (const event of events) {
      const pair = likePair({ userId: event.userId!, postId: event.postId! });
      const best = standing.get(pair);
      const wins =
        best === undefined ||
        event.occurredAt > best.occurredAt ||
        (event.occurredAt === best.occurredAt &&
          Buffer.compare(bytesOf(event.eventId), bytesOf(best.eventId)) > 0);
      if (wins) standing.set(pair, event);
    }
    return standing;
  }

  test('the event with the greatest stamp stands for its pair', () => {
    fc.assert(
      fc.property(arrivals, (arrival) => {
        const table = createLikeTable();
        for (const commit of commitsOf(arrival)) table.commit(commit);
        const expected = standingByModel(arrival.events);
        expect([...table.states.keys()].sort()).toEqual([...expected.keys()].sort());
        for (const [pair, event] of expected) {
          expect(table.states.get(pair)).toMatchObject({
            liked: event.eventType === 'LIKE',
            occurredAt: event.occurredAt,
            eventId: event.eventId,
          });
        }
      }),
      { numRuns: 500 },
    );
  });

  test('after each commit, likes minus unlikes that took effect are the likes that stand', () => {
    fc.assert(
      fc.property(arrivals, (arrival) => {
        const table = createLikeTable();
        for (const commit of commitsOf(arrival)) {
          table.commit(commit);
          for (const [pair, { liked }] of table.states) expect(table.net.get(pair) ?? 0).toBe(liked ? 1 : 0);
        }
      }),
      { numRuns: 500 },
    );
  });

  test('folding a commit again changes nothing', () => {
    fc.assert(
      fc.property(arrivals, (arrival) => {
        const table = createLikeTable();
        for (const commit of commitsOf(arrival)) {
          table.commit(commit);
          const net = new Map(table.net);
          expect(table.commit(commit)).toBe(0);
          expect(table.net).toEqual(net);
        }
      }),
    );
  });
});
