import { bucketStart, type TrackedEvent } from '@event-tracker/domain';
import { plainArray } from '../arrays.ts';
import { statement } from '../sql.ts';
import type { Send } from '../transaction.ts';

const markLateDaysStatement = statement('mark-late-days');

/**
 * Events of a day that is over make the count that is kept of it wrong. Sends nothing when all are of today. Commits of
 * one late day wait for each other here, so this comes late in the commit.
 */
export function markLateDays(send: Send, events: readonly TrackedEvent[], now: number): void {
  const today = bucketStart(now, 'day');
  const days = new Set<number>();
  for (const { occurredAt } of events) if (occurredAt < today) days.add(bucketStart(occurredAt, 'day'));
  if (days.size === 0) return;
  void send(markLateDaysStatement, [
    plainArray([...days].map((day) => new Date(day).toISOString().slice(0, 10))),
  ]);
}
