import { type Batch, type TrackedEvent, withoutRepeats } from '@event-tracker/domain';
import { plainArray } from '../arrays.ts';
import { statement } from '../sql.ts';
import type { Send } from '../transaction.ts';

const insertEventKeys = statement('insert-event-keys');

/** The events of the batches less those whose client-supplied id came before, in this commit or in an earlier one. */
export async function dropDuplicates(send: Send, batches: readonly Batch[]): Promise<TrackedEvent[]> {
  const events = withoutRepeats(batches);
  const clientIds = events.filter((event) => event.clientId).map((event) => event.eventId);
  if (clientIds.length === 0) return events;
  const rows = await send<{ event_id: string }>(insertEventKeys, [plainArray(clientIds)]);
  if (rows.length === clientIds.length) return events;
  const unseen = new Set(rows.map((row) => row.event_id));
  return events.filter((event) => !event.clientId || unseen.has(event.eventId));
}
