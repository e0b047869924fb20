import type { EventType } from '@event-tracker/domain';

/** An event as a client sends it. */
export interface SentEvent {
  /** Likes and unlikes always have one here: among equal times it decides. */
  eventId?: string;
  eventType: EventType;
  userId: number;
  sessionId: string;
  occurredAt: string;
  metadata: { componentId: number; keyword?: string; postId?: number };
}

/**
 * What the tracker must have made of a set of distinct events, worked out the plain way: no batches, no merging, no
 * stores. Counts that depend on which like came first are left out; what they must add up to is here.
 */
export function modelOf(events: readonly SentEvent[]) {
  const counts = new Map<string, number>();
  const likes = new Map<string, { liked: boolean; at: number; eventId: string }>();
  for (const event of events) {
    const at = Date.parse(event.occurredAt);
    const { componentId, keyword, postId } = event.metadata;
    if (event.eventType === 'LIKE' || event.eventType === 'UNLIKE') {
      const pair = `${event.userId} ${postId}`;
      const state = likes.get(pair);
      const later = !state || at > state.at || (at === state.at && event.eventId! > state.eventId);
      if (later) likes.set(pair, { liked: event.eventType === 'LIKE', at, eventId: event.eventId! });
      continue;
    }
    const minute = Math.floor(at / 60_000);
    const subject = event.eventType === 'SEARCH' ? keyword : componentId;
    const key = `${event.eventType} ${subject} ${minute}`;
    counts.set(key, (counts.get(key) ?? 0) + 1);
  }
  const standing = [...likes].filter(([, state]) => state.liked);
  return {
    /** Events of a type and subject by minute, likes and unlikes excepted: `SEARCH 여행 29394875` → n. */
    counts,
    /** The likes that stand: `user post` → milliseconds since the epoch. */
    likes: new Map(standing.map(([pair, state]) => [pair, state.at])),
    /** What a window that begins at `from` (ms since the epoch) must answer for a subject. */
    countSince(type: EventType, subject: string | number, from: number): number {
      let sum = 0;
      for (const [key, count] of counts) {
        const [keyType, keySubject, minute] = key.split(' ');
        if (keyType === type && keySubject === String(subject) && Number(minute) * 60_000 >= from)
          sum += count;
      }
      return sum;
    },
  };
}
