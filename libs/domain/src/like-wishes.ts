import type { TrackedEvent } from './events/tracked-event.ts';
import { type LikeState, likePair } from './likes.ts';

/** What somebody asks of a like by route. */
export interface LikeWish {
  userId: number;
  postId: number;
  wish: 'toggle' | 'like' | 'unlike';
  /** When the API took it; milliseconds since the epoch. */
  receivedAt: number;
}

export interface DecidedLikes {
  /** For each wish, in their order: whether the like stands afterwards, and the event where that is a change. */
  outcomes: { liked: boolean; event: TrackedEvent | undefined }[];
  /** The states that changed, as the last wish of their pair left them. */
  states: LikeState[];
}

/** Usual component of likes. */
const likeComponent = 1003;

/**
 * Decides wishes over the states that stand, one after the other. A change gets a stamp that beats the state that it
 * replaces, whoever's clock made that: the clock of the store, or else a millisecond more.
 *
 * @param standing the state of every pair that is wished about, locked
 * @param clock the store's, read after the lock; whole milliseconds since the epoch
 */
export function decideLikes(
  standing: Iterable<LikeState>,
  wishes: readonly LikeWish[],
  { clock, newId }: { clock: number; newId(): string },
): DecidedLikes {
  const states = new Map<string, LikeState>();
  for (const state of standing) states.set(likePair(state), state);
  const changed = new Map<string, LikeState>();
  const outcomes = wishes.map(({ userId, postId, wish, receivedAt }) => {
    const pair = likePair({ userId, postId });
    const state = states.get(pair);
    if (state === undefined) throw new Error('a like was decided over a pair whose state was not read');
    const liked = wish === 'toggle' ? !state.liked : wish === 'like';
    if (liked === state.liked) return { liked, event: undefined };
    const occurredAt = Math.max(clock, state.occurredAt + 1);
    const event: TrackedEvent = {
      eventId: newId(),
      clientId: false,
      eventType: liked ? 'LIKE' : 'UNLIKE',
      userId,
      sessionId: sessionOf(userId),
      componentId: likeComponent,
      postId,
      occurredAt,
      receivedAt,
      tookEffect: true,
    };
    const next = { userId, postId, liked, occurredAt, eventId: event.eventId };
    states.set(pair, next);
    changed.set(pair, next);
    return { liked, event };
  });
  return { outcomes, states: [...changed.values()] };
}

/** Session of the events that routes imply. */
export function sessionOf(userId: number): string {
  return `user:${userId}`;
}
