import type { Batch, TrackedEvent } from '@event-tracker/domain';
import { plainArray, textArray } from '../arrays.ts';
import { statement } from '../sql.ts';
import type { Send } from '../transaction.ts';

/** Why an event can't be committed. */
export interface Death {
  /** The SQLSTATE. */
  code: string;
  /** For people. */
  reason: string;
}

/** One row of `dead_letter`. */
export interface DeadLetterRow extends Death {
  batchId: string;
  eventId: string | undefined;
  eventType: string | undefined;
  /** JSON text. */
  payload: string;
  attempts: number;
  eventCount: number;
}

const insertDeadLettersStatement = statement('insert-dead-letters');

export function insertDeadLetters(send: Send, rows: readonly DeadLetterRow[]): void {
  if (rows.length === 0) return;
  void send(insertDeadLettersStatement, [
    plainArray(rows.map((row) => row.batchId)),
    plainArray(rows.map((row) => row.eventId)),
    textArray(rows.map((row) => row.eventType)),
    textArray(rows.map((row) => row.code)),
    textArray(rows.map((row) => row.reason)),
    textArray(rows.map((row) => row.payload)),
    plainArray(rows.map((row) => row.attempts)),
    plainArray(rows.map((row) => row.eventCount)),
  ]);
}

/** The dead events of these batches, as rows. */
export function deadLetterRows(
  batches: readonly Batch[],
  dead: ReadonlyMap<TrackedEvent, Death>,
): DeadLetterRow[] {
  return batches.flatMap(({ id, events }) =>
    events.flatMap((event) => {
      const death = dead.get(event);
      if (death === undefined) return [];
      const { eventId, eventType } = event;
      const payload = JSON.stringify(event);
      return [{ ...death, batchId: id, eventId, eventType, payload, attempts: 1, eventCount: 1 }];
    }),
  );
}
