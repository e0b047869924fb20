import { isMissingPartition, sqlState } from './transaction.ts';

/** What a failed commit calls for. */
export type FailureKind = 'data' | 'missing-partition' | 'conflict' | 'away' | 'other';

/**
 * Serialisation failure, deadlock, lock not available, and a transaction that stood idle for too long because this process
 * was busy: it is rolled back, and may do at once.
 */
const conflictStates = new Set(['40001', '40P01', '55P03', '25P03']);

/** Connection failures, lack of resources, an operator's or the system's doing, a standby, an internal error. */
const awayStates = /^(08|53|57|58|XX|25006)/;

/**
 * | SQLSTATE                                    | kind                | what follows                          |
 * | ------------------------------------------- | ------------------- | ------------------------------------- |
 * | class 22, 23514 of a named check constraint | `data`              | the events at fault are dead-lettered |
 * | 23514 without a constraint                  | `missing-partition` | it is made, and the commit made again |
 * | 40001, 40P01, 55P03, 25P03                  | `conflict`          | the commit is made again at once      |
 * | classes 08, 53, 57, 58, XX; 25006; none     | `away`              | it waits until PostgreSQL is back     |
 * | any other                                   | `other`             | delivered again, as long as it takes  |
 */
export function classifyFailure(cause: unknown): FailureKind {
  const state = sqlState(cause);
  if (cause instanceof SoundEventsFail) return 'other';
  if (state === undefined) return isProgrammingError(cause) ? 'other' : 'away';
  if (isMissingPartition(cause)) return 'missing-partition';
  if (state.startsWith('22') || state === '23514') return 'data';
  if (conflictStates.has(state)) return 'conflict';
  return awayStates.test(state) ? 'away' : 'other';
}

/** An event with nothing wrong in it would die, too: the database is at fault, and no event may pay for that. */
export class SoundEventsFail extends Error {
  override name = 'SoundEventsFail';
}

/** Without a SQLSTATE it is the connection that failed, unless it is our own code. */
function isProgrammingError(cause: unknown): boolean {
  return (
    !(cause instanceof Error) ||
    [TypeError, RangeError, ReferenceError, SyntaxError].some((kind) => cause instanceof kind)
  );
}
