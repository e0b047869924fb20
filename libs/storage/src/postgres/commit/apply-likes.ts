import { foldLikes, likeEffect, likePair, type TrackedEvent } from '@event-tracker/domain';
import { plainArray } from '../arrays.ts';
import { statement } from '../sql.ts';
import type { Send } from '../transaction.ts';

const insertLikePlaceholders = statement('insert-like-placeholders');
const lockLikeStates = statement('lock-like-states');
const updateLikeStates = statement('update-like-states');

interface LikeStateRow {
  post_id: number;
  user_id: number;
  liked: boolean;
  event_id: string;
  occurred_at: number;
}

/** Brings the like states up to these events. Comes back: the events that took effect. */
export async function applyLikes(
  send: Send,
  events: readonly TrackedEvent[],
): Promise<ReadonlySet<TrackedEvent>> {
  const effects = events.map(likeEffect).filter((effect) => effect !== undefined);
  if (effects.length === 0) return new Set();
  const pairs = [...new Map(effects.map((effect) => [likePair(effect), effect])).values()];
  const keys = [plainArray(pairs.map((pair) => pair.postId)), plainArray(pairs.map((pair) => pair.userId))];
  void send(insertLikePlaceholders, keys);
  const rows = await send<LikeStateRow>(lockLikeStates, keys);
  const standing = rows.map((row) => ({
    postId: row.post_id,
    userId: row.user_id,
    liked: row.liked,
    occurredAt: row.occurred_at,
    eventId: row.event_id,
  }));
  const { states, effective } = foldLikes(standing, events);
  if (states.length > 0) {
    void send(updateLikeStates, [
      plainArray(states.map((state) => state.postId)),
      plainArray(states.map((state) => state.userId)),
      plainArray(states.map((state) => state.liked)),
      plainArray(states.map((state) => state.occurredAt)),
      plainArray(states.map((state) => state.eventId)),
    ]);
  }
  return effective;
}
