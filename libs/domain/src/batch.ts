import type { TrackedEvent } from './events/tracked-event.ts';

/** The events that one flush put on a lane together: one job. A request is never split over two batches. */
export interface Batch {
  /** UUID. A batch keeps it through every retry, lane and delivery: the ledger commits an id once. */
  id: string;
  /** UUID of the process that made it. */
  producer: string;
  /** How many events that producer had acknowledged when it made this batch. */
  acknowledged: number;
  events: TrackedEvent[];
}

/** Drops repeats of an event id: the first in lane order, then by position, stays. */
export function withoutRepeats(batches: Iterable<Batch>): TrackedEvent[] {
  const seen = new Set<string>();
  const events: TrackedEvent[] = [];
  for (const batch of batches) {
    for (const event of batch.events) {
      // An id that the server made is new by construction.
      if (event.clientId) {
        if (seen.has(event.eventId)) continue;
        seen.add(event.eventId);
      }
      events.push(event);
    }
  }
  return events;
}

/** What a batch holds, for people: `132 events: 40 CLICK, 52 LIKE, …`, most frequent first. */
export function describeEvents(events: readonly TrackedEvent[]): string {
  const counts = new Map<string, number>();
  for (const { eventType } of events) counts.set(eventType, (counts.get(eventType) ?? 0) + 1);
  const parts = [...counts].sort((a, b) => b[1] - a[1]).map(([type, count]) => `${count} ${type}`);
  return `${events.length} ${events.length === 1 ? 'event' : 'events'}: ${parts.join(', ')}`;
}
