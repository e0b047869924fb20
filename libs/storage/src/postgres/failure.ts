import { isMissingPartition, sqlState } from './transaction.ts';

/** What a failed commit calls for. */
export type FailureKind = 'data' | 'missing-partition' | 'conflict' | 'too-much' | 'away' | 'other';

/**
 * Serialisation failure, deadlock, lock not available, and a transaction that stood idle for too long because this process
 * was busy: it is rolled back, and may do at once.
 */
const conflictStates = new Set(['40001', '40P01', '55P03', '25P03']);

/** A statement that was cancelled, out of memory, a configured limit, a broken page or another internal error. */
const tooMuchStates = /^(57014|53200|53400|XX)/;

/** Connection failures, lack of resources, an operator's or the system's doing, a standby. */
const awayStates = /^(08|53|57|58|25006)/;

/**
 * | SQLSTATE                                        | kind                | what follows                          |
 * | ----------------------------------------------- | ------------------- | ------------------------------------- |
 * | classes 22, 54; 23514 of a named check          | `data`              | the events at fault are dead-lettered |
 * | 23514 without a constraint                      | `missing-partition` | it is made, and the commit made again |
 * | 40001, 40P01, 55P03, 25P03                      | `conflict`          | the commit is made again at once      |
 * | 57014, 53200, 53400, XX; no answer in time      | `too-much`          | its batches are committed apart       |
 * | classes 08, 53, 57, 58; 25006; a lost connection| `away`              | it waits while a probe fails, too     |
 * | any other                                       | `other`             | its batches are committed apart       |
 *
 * `too-much` and `away` say what may be the case. Whether PostgreSQL is away only a probe tells.
 */
export function classifyFailure(cause: unknown): FailureKind {
  const state = sqlState(cause);
  if (cause instanceof SoundEventsFail) return 'other';
  if (state === undefined) {
    if (isProgrammingError(cause)) return 'other';
    return isAnswerTimeout(cause) ? 'too-much' : 'away';
  }
  if (isMissingPartition(cause)) return 'missing-partition';
  if (/^(22|54)/.test(state) || state === '23514') return 'data';
  if (conflictStates.has(state)) return 'conflict';
  if (tooMuchStates.test(state)) return 'too-much';
  return awayStates.test(state) ? 'away' : 'other';
}

/** The code of a failure for people and filters: its SQLSTATE, where it has one. */
export function failureCode(cause: unknown): string {
  return (
    sqlState(cause) ?? (isAnswerTimeout(cause) ? 'timeout' : cause instanceof Error ? cause.name : 'unknown')
  );
}

/** An event with nothing wrong in it would die, too: the database is at fault, and no event may pay for that. */
export class SoundEventsFail extends Error {
  override name = 'SoundEventsFail';
}

/** pg's own time-out, which ends a statement whose connection says nothing any more. It has no code. */
function isAnswerTimeout(cause: unknown): boolean {
  return cause instanceof Error && cause.message === 'Query read timeout';
}

/** Without a SQLSTATE it is the connection that failed, unless it is our own code. */
function isProgrammingError(cause: unknown): boolean {
  return (
    !(cause instanceof Error) ||
    [TypeError, RangeError, ReferenceError, SyntaxError].some((kind) => cause instanceof kind)
  );
}
