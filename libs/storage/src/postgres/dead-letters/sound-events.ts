import { randomInt, randomUUID } from 'node:crypto';
import { type Batch, eventTypes, type TrackedEvent } from '@event-tracker/domain';

/** As large as a random number may be here; far beyond the ids that a site counts up. */
const idMax = 2 ** 48 - 1;

/**
 * An event with nothing wrong in it. Its user, post and component are nobody's, so that it meets no row that is locked or
 * broken.
 */
export function soundEvent(
  like: Pick<TrackedEvent, 'eventType' | 'occurredAt' | 'receivedAt'>,
): TrackedEvent {
  const { eventType, occurredAt, receivedAt } = like;
  return {
    eventId: randomUUID(),
    clientId: false,
    eventType,
    userId: randomInt(idMax),
    sessionId: 'probe',
    componentId: randomInt(idMax),
    keyword: 'probe',
    postId: randomInt(idMax),
    occurredAt,
    receivedAt,
  };
}

/** A batch that PostgreSQL commits as long as nothing is wrong with itself: an event of each type, of now. */
export function soundBatch(now: number): Batch {
  return batchOf(eventTypes.map((eventType) => soundEvent({ eventType, occurredAt: now, receivedAt: now })));
}

/** A batch of nobody's. */
export function batchOf(events: TrackedEvent[]): Batch {
  return { id: randomUUID(), producer: randomUUID(), acknowledged: 0, events };
}
