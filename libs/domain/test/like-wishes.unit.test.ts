import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import {
  compareStamps,
  decideLikes,
  type LikeState,
  type LikeWish,
  likeEffect,
  type TrackedEvent,
} from '../src/index.ts';

const nil = '00000000-0000-0000-0000-000000000000';

function never(userId = 1, postId = 7): LikeState {
  return { userId, postId, liked: false, occurredAt: Number.NEGATIVE_INFINITY, eventId: nil };
}

function wish(wanted: LikeWish['wish'], userId = 1, postId = 7): LikeWish {
  return { userId, postId, wish: wanted, receivedAt: 990 };
}

function ids() {
  let made = 0;
  return () => {
    made += 1;
    return `0198c0de-0000-7000-8000-${String(made).padStart(12, '0')}`;
  };
}

describe('a wish', () => {
  test.each<{ wanted: LikeWish['wish']; liked: boolean; after: boolean; changes: boolean }>([
    { wanted: 'toggle', liked: false, after: true, changes: true },
    { wanted: 'toggle', liked: true, after: false, changes: true },
    { wanted: 'like', liked: false, after: true, changes: true },
    { wanted: 'like', liked: true, after: true, changes: false },
    { wanted: 'unlike', liked: false, after: false, changes: false },
    { wanted: 'unlike', liked: true, after: false, changes: true },
  ])('to $wanted over liked $liked leaves $after', ({ wanted, liked, after, changes }) => {
    const standing = { ...never(), liked, occurredAt: 500 };
    const { outcomes, states } = decideLikes([standing], [wish(wanted)], { clock: 1000, newId: ids() });
    expect(outcomes[0]!.liked).toBe(after);
    expect(outcomes[0]!.event !== undefined).toBe(changes);
    expect(states.map((state) => [state.liked, state.occurredAt])).toEqual(changes ? [[after, 1000]] : []);
  });

  test('makes an event that carries its effect, of the user’s session and the usual component', () => {
    const { outcomes } = decideLikes([never()], [wish('toggle')], { clock: 1000, newId: ids() });
    expect(outcomes[0]!.event).toEqual({
      eventId: '0198c0de-0000-7000-8000-000000000001',
      clientId: false,
      eventType: 'LIKE',
      userId: 1,
      sessionId: 'user:1',
      componentId: 1003,
      postId: 7,
      occurredAt: 1000,
      receivedAt: 990,
      tookEffect: true,
    });
  });

  test.each([
    { name: 'the clock, when that is later', at: 999, stamp: 1000 },
    { name: 'a millisecond after the state of this very moment', at: 1000, stamp: 1001 },
    { name: 'a millisecond after a state that is ahead', at: 301_000, stamp: 301_001 },
  ])('is stamped with $name', ({ at, stamp }) => {
    const standing = { ...never(), occurredAt: at };
    const { states } = decideLikes([standing], [wish('toggle')], { clock: 1000, newId: ids() });
    expect(states[0]!.occurredAt).toBe(stamp);
  });
});

test('wishes about one like are fulfilled one after the other, each with a later stamp', () => {
  const wishes = Array.from({ length: 100 }, () => wish('toggle'));
  const { outcomes, states } = decideLikes([never()], wishes, { clock: 1000, newId: ids() });
  expect(outcomes.map(({ liked }) => liked)).toEqual(wishes.map((_, at) => at % 2 === 0));
  expect(outcomes.map(({ event }) => event!.occurredAt)).toEqual(wishes.map((_, at) => 1000 + at));
  expect(states).toHaveLength(1);
  expect(states[0]).toMatchObject({
    liked: false,
    occurredAt: 1099,
    eventId: outcomes.at(-1)!.event!.eventId,
  });
});

test('what is decided stands: folding its events over the state before leads to the same state', () => {
  const wanted = fc.constantFrom<LikeWish['wish']>('toggle', 'like', 'unlike');
  const some = fc.array(fc.tuple(wanted, fc.integer({ min: 1, max: 3 })), { maxLength: 20 });
  fc.assert(
    fc.property(some, fc.integer({ min: 0, max: 2000 }), (pairs, at) => {
      const standing = [1, 2, 3].map((userId) => ({ ...never(userId), occurredAt: at }));
      const wishes = pairs.map(([kind, userId]) => wish(kind, userId));
      const { outcomes, states } = decideLikes(standing, wishes, { clock: 1000, newId: ids() });
      const events = outcomes.flatMap(({ event }) => event ?? []);
      const folded = foldOver(standing, events);
      const byUser = (all: readonly LikeState[]) =>
        new Map(
          all.map(({ userId, liked, occurredAt, eventId }) => [userId, { liked, occurredAt, eventId }]),
        );
      expect(byUser(folded.states)).toEqual(byUser(states));
      expect(folded.effective).toBe(events.length);
      for (const state of states) expect(compareStamps(state, standing[0]!)).toBeGreaterThan(0);
      expect(events.every(({ tookEffect }) => tookEffect)).toBe(true);
    }),
  );
});

/** Last writer wins, one event after the other, as if nobody had decided them: the states that changed, and how often. */
function foldOver(standing: readonly LikeState[], events: readonly TrackedEvent[]) {
  const states = new Map(standing.map((state) => [state.userId, state]));
  const changed = new Map<number, LikeState>();
  let effective = 0;
  for (const event of events.toSorted(compareStamps)) {
    const effect = likeEffect(event)!;
    const state = states.get(effect.userId)!;
    if (compareStamps(event, state) <= 0) continue;
    if (state.liked !== effect.liked) effective += 1;
    const next = { ...state, liked: effect.liked, occurredAt: event.occurredAt, eventId: event.eventId };
    states.set(effect.userId, next);
    changed.set(effect.userId, next);
  }
  return { states: [...changed.values()], effective };
}
