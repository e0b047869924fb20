import { strategies } from './events/registry.ts';
import type { Effect } from './events/strategy.ts';
import type { TrackedEvent } from './events/tracked-event.ts';

export interface LikeState {
  userId: number;
  postId: number;
  liked: boolean;
  /** Stamp of the event that set this state: milliseconds since the epoch and its id. Last writer wins by both. */
  occurredAt: number;
  eventId: string;
}

type LikeEffect = Extract<Effect, { kind: 'like' }>;

/** The (user, post) pair that an event's like or unlike concerns; undefined for other events. */
export function likeEffect(event: TrackedEvent): LikeEffect | undefined {
  const effect = strategies[event.eventType].effect?.(event);
  return effect?.kind === 'like' ? effect : undefined;
}

/** The state of a pair of which nothing is known: not liked, before all time. */
export function neverLiked({ userId, postId }: { userId: number; postId: number }): LikeState {
  return { userId, postId, liked: false, occurredAt: Number.NEGATIVE_INFINITY, eventId: '' };
}

export function likePair({ userId, postId }: { userId: number; postId: number }): string {
  return `${userId}:${postId}`;
}

/** Order of stamps: by time, then by id in byte order (lower-case hex compares as its bytes do). */
export function compareStamps(
  a: { occurredAt: number; eventId: string },
  b: { occurredAt: number; eventId: string },
): number {
  return a.occurredAt - b.occurredAt || (a.eventId < b.eventId ? -1 : a.eventId > b.eventId ? 1 : 0);
}

export interface FoldedLikes {
  /** The states that changed, stamp or liked, one per pair. */
  states: LikeState[];
  /** The events that changed whether a pair is liked: they "took effect". */
  effective: Set<TrackedEvent>;
}

/**
 * Folds like and unlike events over the states that stand, each pair by stamp: an event that is not later than what
 * stands changes nothing. The end state does not depend on the order of arrival. What a like route has decided took
 * effect already, and changes no state.
 *
 * @param standing the state of every pair that undecided events concern
 */
export function foldLikes(standing: Iterable<LikeState>, events: Iterable<TrackedEvent>): FoldedLikes {
  const states = new Map<string, LikeState>();
  for (const state of standing) states.set(likePair(state), state);
  const changed = new Map<string, LikeState>();
  const effective = new Set<TrackedEvent>();
  for (const event of [...events].sort(compareStamps)) {
    const effect = likeEffect(event);
    if (effect === undefined) continue;
    if (event.tookEffect) {
      effective.add(event);
      continue;
    }
    const pair = likePair(effect);
    const state = states.get(pair);
    if (state === undefined) throw new Error('a like was folded over a pair whose state was not read');
    if (compareStamps(event, state) <= 0) continue;
    if (state.liked !== effect.liked) effective.add(event);
    const next = { ...effect, occurredAt: event.occurredAt, eventId: event.eventId };
    states.set(pair, next);
    changed.set(pair, next);
  }
  return { states: [...changed.values()], effective };
}

/** By how much each post's likes that stand change, in order of post; posts whose likes stay as many are left out. */
export interface LikeCountChange {
  postId: number;
  change: number;
}

/** What the events that took effect do to the number of likes that stand, those of the like routes excepted. */
export function likeCountChanges(effective: Iterable<TrackedEvent>): LikeCountChange[] {
  const changes = new Map<number, number>();
  for (const event of effective) {
    const effect = event.tookEffect ? undefined : likeEffect(event);
    if (effect === undefined) continue;
    changes.set(effect.postId, (changes.get(effect.postId) ?? 0) + (effect.liked ? 1 : -1));
  }
  return [...changes]
    .filter(([, change]) => change !== 0)
    .sort(([a], [b]) => a - b)
    .map(([postId, change]) => ({ postId, change }));
}
