import type { TrackedEvent } from '@event-tracker/domain';
import { plainArray } from '../arrays.ts';
import { statement } from '../sql.ts';
import type { Send } from '../transaction.ts';

const findStoredEvents = statement('find-stored-events');

export interface StoredEvents {
  stored: ReadonlySet<string>;
  /** Of a day that has passed its retention: whether they were stored nobody knows any more. */
  unknown: ReadonlySet<string>;
}

/** Ids of events that the ledger has already. */
export async function storedAmong(send: Send, events: readonly TrackedEvent[]): Promise<StoredEvents> {
  if (events.length === 0) return { stored: new Set(), unknown: new Set() };
  const rows = await send<{ eventId: string; stored: boolean }>(findStoredEvents, [
    plainArray(events.map(({ eventId }) => eventId)),
    plainArray(events.map(({ occurredAt }) => occurredAt)),
  ]);
  const idsOf = (stored: boolean) =>
    new Set(rows.filter((row) => row.stored === stored).map(({ eventId }) => eventId));
  return { stored: idsOf(true), unknown: idsOf(false) };
}
