import { plainArray } from '../arrays.ts';
import { statement } from '../sql.ts';
import { type ReplayDeps, replayDeadLetters } from './replay-dead-letters.ts';

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
  /**
   * Newest first, ids below `before` alone. A page ends at `limit`, or before it where the letters are large; `more` says
   * that others follow.
   */
  list(
    filter: DeadLetterFilter,
    before: number | undefined,
    limit: number,
  ): Promise<{ letters: DeadLetter[]; more: boolean }>;
  /**
   * Puts dead letters on the durable lane again, each once, however often it is asked, in batches as a flush makes them.
   * What still can't be decoded, or stored anywhere, is matched, and stays; so is a job of a day that has passed its
   * retention, because nobody can say whether its events were stored before. At most 1,000 a call; one that fails in the
   * middle has replayed the first of them. The books count a replay as received anew. A change is appended again, to be added
   * up once more: its events were counted as received long ago.
   */
  replay(
    which: { ids: readonly number[] } | { filter: DeadLetterFilter },
    dryRun: boolean,
  ): Promise<{ matched: number; replayed: number }>;
}

/** A letter may hold a whole batch: a page of them is bounded in bytes, too. */
const pageBytesMax = 4 * 1_048_576;

const pageOfDeadLetters = statement('page-of-dead-letters');
const countDeadLetters = statement('count-dead-letters');

export function createDeadLetters(deps: ReplayDeps): DeadLetters {
  const { pool } = deps;
  return {
    async list(filter, before, limit) {
      const values = [...filterValues(filter), before ?? null, limit, pageBytesMax];
      type Row = DeadLetter & { candidates: number };
      const { rows } = await pool.query<Row>({ ...pageOfDeadLetters, values });
      return { letters: rows, more: rows.length < (rows[0]?.candidates ?? 0) };
    },
    async replay(which, dryRun) {
      const values =
        'ids' in which ? [plainArray(which.ids), ...filterValues({})] : [null, ...filterValues(which.filter)];
      const { rows } = await pool.query<{ matched: number }>({ ...countDeadLetters, values });
      const { matched } = rows[0]!;
      const replayed = dryRun || matched === 0 ? 0 : await replayDeadLetters(deps, values);
      return { matched, replayed };
    },
  };
}

function filterValues({ reason, eventType, from, to }: DeadLetterFilter) {
  return [reason ?? null, eventType ?? null, from ?? null, to ?? null];
}
