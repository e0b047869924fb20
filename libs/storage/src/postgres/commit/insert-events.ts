import type { TrackedEvent } from '@event-tracker/domain';
import { plainArray, textArray } from '../arrays.ts';
import { statement } from '../sql.ts';
import type { Send } from '../transaction.ts';

const insertEventsStatement = statement('insert-events');

/** Rows of `event`. The transaction fails with SQLSTATE 23514 where a day has no partition. */
export function insertEvents(send: Send, events: readonly TrackedEvent[]): void {
  if (events.length === 0) return;
  void send(insertEventsStatement, [
    plainArray(events.map((event) => event.eventId)),
    plainArray(events.map((event) => event.occurredAt)),
    plainArray(events.map((event) => event.receivedAt)),
    plainArray(events.map((event) => event.userId)),
    plainArray(events.map((event) => event.componentId)),
    plainArray(events.map((event) => event.postId)),
    plainArray(events.map((event) => event.eventType)),
    textArray(events.map((event) => event.sessionId)),
    textArray(events.map((event) => event.elementId)),
    textArray(events.map((event) => event.keyword)),
    textArray(events.map((event) => event.properties && JSON.stringify(event.properties))),
  ]);
}
