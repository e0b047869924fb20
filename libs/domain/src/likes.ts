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
