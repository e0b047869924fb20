import { randomUUID } from 'node:crypto';
import type { Batch, TrackedEvent } from '@event-tracker/domain';

export function aBatch(eventCount = 1, fields: Partial<Batch> = {}): Batch {
  const events = Array.from({ length: eventCount }, anEvent);
  return { id: randomUUID(), producer: randomUUID(), acknowledged: 0, events, ...fields };
}

function anEvent(): TrackedEvent {
  return {
    eventId: randomUUID(),
    clientId: false,
    eventType: 'CLICK',
    sessionId: 's-1',
    componentId: 1002,
    occurredAt: 1_800_000_000_000,
    receivedAt: 1_800_000_000_000,
  };
}
