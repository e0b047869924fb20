import { randomUUID } from 'node:crypto';
import type { Batch, TrackedEvent } from '@event-tracker/domain';

type Fields = Partial<TrackedEvent>;

/** A click of now, with an id that the server made; fields win. */
export function anEvent(fields: Fields = {}): TrackedEvent {
  const now = Date.now();
  return {
    eventId: randomUUID(),
    clientId: false,
    eventType: 'CLICK',
    sessionId: 's-1',
    componentId: 1002,
    occurredAt: now,
    receivedAt: now,
    ...fields,
  };
}

export function aSearch(keyword: string, fields: Fields = {}): TrackedEvent {
  return anEvent({ eventType: 'SEARCH', componentId: 1001, keyword, ...fields });
}

export function aLike(userId: number, postId: number, fields: Fields = {}): TrackedEvent {
  return anEvent({ eventType: 'LIKE', componentId: 1003, userId, postId, ...fields });
}

export function anUnlike(userId: number, postId: number, fields: Fields = {}): TrackedEvent {
  return aLike(userId, postId, { eventType: 'UNLIKE', ...fields });
}

export function aBatch(events: TrackedEvent[], fields: Partial<Batch> = {}): Batch {
  return { id: randomUUID(), producer: randomUUID(), acknowledged: 0, ...fields, events };
}
