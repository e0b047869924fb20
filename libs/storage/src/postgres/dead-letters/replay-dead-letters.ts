import { randomUUIDv7 } from 'node:crypto';
import type { TrackedEvent } from '@event-tracker/domain';
import { batchVersion, type DurableLane, decodeBatch, UnknownPayload } from '@event-tracker/queue';
import { plainArray, textArray } from '../arrays.ts';
import type { Pool } from '../pool.ts';
import { statement } from '../sql.ts';
import { type Execute, inTransaction, type Send } from '../transaction.ts';
import { nobody } from './dead-letter-writer.ts';
import { storedAmong } from './stored-events.ts';

const chooseDeadLetters = statement('choose-dead-letters');
const appendDeadChange = statement('append-dead-change');
const lockDeadLetters = statement('lock-dead-letters');
const markDeadLettersReplayed = statement('mark-dead-letters-replayed');

export const replayedAtOnceMax = 1000;

/** One transaction replays so much at most: a letter may hold a whole batch, and a call takes up to a thousand. */
const batchesAtOnce = 10;
const bytesAtOnce = 8 * 1_048_576;

interface Letter {
  id: number;
  /** `change`: what could not be added up, of events that are stored. */
  kind: 'event' | 'change';
  payload: string;
  /** Null: a job that was dead-lettered whole. */
  eventType: string | null;
}

export interface ReplayDeps {
  pool: Pool;
  lane: Pick<DurableLane, 'enqueue'>;
  /** Events of one batch, as a flush has. */
  batchEventsMax: number;
}

/**
 * Puts dead letters on the durable lane again, portion by portion: the marks and the new batches of one are one
 * transaction. Resolves with how many were replayed.
 *
 * @param values of the filter, as count-dead-letters has them
 */
export async function replayDeadLetters(
  { pool, lane, batchEventsMax }: ReplayDeps,
  values: (string | number | null)[],
): Promise<number> {
  let replayed = 0;
  let lettersLeft = replayedAtOnceMax;
  for (let after = 0; lettersLeft > 0; ) {
    const bounds = [after, lettersLeft, batchesAtOnce * batchEventsMax, bytesAtOnce];
    const chosen = await pool.query<{ id: number }>({ ...chooseDeadLetters, values: [...values, ...bounds] });
    const ids = chosen.rows.map(({ id }) => id);
    if (ids.length === 0) break;
    replayed += await inTransaction(pool, (send, execute) => replayPortion(send, execute, ids));
    after = ids.at(-1)!;
    lettersLeft -= ids.length;
  }
  return replayed;

  async function replayPortion(send: Send, execute: Execute, ids: readonly number[]): Promise<number> {
    const letters = await send<Letter>(lockDeadLetters, [plainArray(ids)]);
    const changes = letters.filter(({ kind }) => kind === 'change');
    if (changes.length > 0) void send(appendDeadChange, [textArray(changes.map(({ payload }) => payload))]);
    const revived = letters.flatMap((letter) => {
      if (letter.kind === 'change') return [{ ...letter, events: [] }];
      const events = eventsOf(letter);
      return events === undefined ? [] : [{ ...letter, events }];
    });
    // A job that was dead-lettered whole may have waited until after its batch's row was purged: then it may have been
    // committed before. An event was dead-lettered by the commit that claimed its batch, so it is not stored.
    const inDoubt = revived.flatMap(({ eventType, events }) => (eventType === null ? events : []));
    const { stored, unknown } = await storedAmong(send, inDoubt);
    const known = revived.filter(({ events }) => !events.some(({ eventId }) => unknown.has(eventId)));
    if (known.length === 0) return 0;
    void send(markDeadLettersReplayed, [plainArray(known.map(({ id }) => id))]);
    const events = known.flatMap((letter) => letter.events).filter(({ eventId }) => !stored.has(eventId));
    for (let from = 0; from < events.length; from += batchEventsMax) {
      const of = events.slice(from, from + batchEventsMax);
      await lane.enqueue(execute, { id: randomUUIDv7(), producer: nobody, acknowledged: 0, events: of });
    }
    return known.length;
  }
}

/** A NUL or an unpaired surrogate as JSON writes them: the lane is in PostgreSQL, and its jsonb holds neither. */
const unstorable = /(?<!\\)(?:\\\\)*\\u(?:0000|d[89a-f])/;

/** As today's codec reads it; undefined when it can't, or when no lane could carry it. */
function eventsOf({ payload, eventType }: Letter): TrackedEvent[] | undefined {
  try {
    const value: unknown = JSON.parse(payload);
    const events = eventType === null ? decodeBatch(value).events : decodeEvents([value]);
    return unstorable.test(JSON.stringify(events)) ? undefined : events;
  } catch (cause) {
    if (cause instanceof UnknownPayload || cause instanceof SyntaxError) return undefined;
    throw cause;
  }
}

function decodeEvents(events: unknown[]): TrackedEvent[] {
  const envelope = { version: batchVersion, id: nobody, producer: nobody, acknowledged: 0 };
  return decodeBatch({ ...envelope, count: events.length, events }).events;
}
