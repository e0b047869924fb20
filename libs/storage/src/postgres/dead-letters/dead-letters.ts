import { randomUUIDv7 } from 'node:crypto';
import type { TrackedEvent } from '@event-tracker/domain';
import { batchVersion, type DurableLane, decodeBatch, UnknownPayload } from '@event-tracker/queue';
import { plainArray, textArray } from '../arrays.ts';
import type { Pool } from '../pool.ts';
import { statement } from '../sql.ts';
import { inTransaction } from '../transaction.ts';
import { nobody } from './dead-letter-writer.ts';

/** What is absent does not matter. */
export interface DeadLetterFilter {
  /** The code, or part of the reason in any letter case. */
  reason?: string | undefined;
  eventType?: string | undefined;
  /** Milliseconds since the epoch: inclusive, exclusive. */
  from?: number | undefined;
  to?: number | undefined;
}

export interface DeadLetter {
  id: number;
  /** `change`: what could not be added up, of events that are stored. */
  kind: 'event' | 'change';
  /** JSON text: of an event as the lanes carry it, or, without an `eventType`, of a job that could not be read; of a change its row. */
  payload: string;
  eventType: string | null;
  reason: string;
  code: string;
  attempts: number;
  at: number;
  replayedAt: number | null;
}

export interface DeadLetters {
  /** Newest first, ids below `before` alone. */
  list(filter: DeadLetterFilter, before: number | undefined, limit: number): Promise<DeadLetter[]>;
  /**
   * Puts dead letters on the durable lane again, each once, however often it is asked: the mark and the new batch are one
   * transaction. What still can't be decoded, or stored
   * anywhere, is matched, and stays. At most 1,000 a call. The books count a replay as
   * received anew. A change is appended again, to be added up once more: its events were counted as received long ago.
   */
  replay(
    which: { ids: readonly number[] } | { filter: DeadLetterFilter },
    dryRun: boolean,
  ): Promise<{ matched: number; replayed: number }>;
}

export const replayedAtOnceMax = 1000;

const pageOfDeadLetters = statement('page-of-dead-letters');
const countDeadLetters = statement('count-dead-letters');
const lockDeadLetters = statement('lock-dead-letters');
const appendDeadChange = statement('append-dead-change');
const markDeadLettersReplayed = statement('mark-dead-letters-replayed');

export function createDeadLetters({
  pool,
  lane,
}: {
  pool: Pool;
  lane: Pick<DurableLane, 'enqueue'>;
}): DeadLetters {
  return {
    async list(filter, before, limit) {
      const values = [...filterValues(filter), before ?? null, limit];
      const { rows } = await pool.query<DeadLetter>({ ...pageOfDeadLetters, values });
      return rows;
    },
    replay: (which, dryRun) =>
      inTransaction(pool, async (send, execute) => {
        const values =
          'ids' in which
            ? [plainArray(which.ids), ...filterValues({})]
            : [null, ...filterValues(which.filter)];
        const [counted] = await send<{ matched: number }>(countDeadLetters, values);
        const { matched } = counted!;
        if (dryRun || matched === 0) return { matched, replayed: 0 };
        const locked = await send<Pick<DeadLetter, 'id' | 'kind' | 'payload' | 'eventType'>>(
          lockDeadLetters,
          [...values, replayedAtOnceMax],
        );
        const changes = locked.filter(({ kind }) => kind === 'change');
        const revived = locked.flatMap(({ id, kind, ...letter }) => {
          if (kind === 'change') return [{ id, events: [] }];
          const events = eventsOf(letter);
          return events === undefined ? [] : [{ id, events }];
        });
        if (revived.length === 0) return { matched, replayed: 0 };
        const events = revived.flatMap((letter) => letter.events);
        void send(markDeadLettersReplayed, [plainArray(revived.map(({ id }) => id))]);
        void send(appendDeadChange, [textArray(changes.map(({ payload }) => payload))]);
        if (events.length > 0)
          await lane.enqueue(execute, { id: randomUUIDv7(), producer: nobody, acknowledged: 0, events });
        return { matched, replayed: revived.length };
      }),
  };
}

function filterValues({ reason, eventType, from, to }: DeadLetterFilter) {
  return [reason ?? null, eventType ?? null, from ?? null, to ?? null];
}

/** A NUL or an unpaired surrogate as JSON writes them: the lane is in PostgreSQL, and its jsonb holds neither. */
const unstorable = /(?<!\\)(?:\\\\)*\\u(?:0000|d[89a-f])/;

/** As today's codec reads it; undefined when it can't, or when no lane could carry it. */
function eventsOf({ payload, eventType }: { payload: string; eventType: string | null }) {
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
