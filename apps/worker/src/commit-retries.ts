import { setTimeout as pause } from 'node:timers/promises';
import type { Batch, TrackedEvent } from '@event-tracker/domain';
import {
  classifyFailure,
  type Death,
  failureCode,
  findBadEvents,
  type Ledger,
  makePartitions,
  type Pool,
  SoundEventsFail,
} from '@event-tracker/storage';
import type { PostgresWait } from './postgres-wait.ts';

const triesMax = 5;

/** After a connection was lost, though PostgreSQL is there: times the tries so far, in milliseconds. */
const lostPauseMs = 100;

/**
 * PostgreSQL takes events, and not this commit, for another reason than the data in it: too slow, too big, or whatever a
 * server may find wrong. Committed apart its batches harm nobody but themselves.
 */
export class CommitFails extends Error {
  override name = 'CommitFails';
  /** How many batches it held. */
  readonly batches: number;

  constructor(batches: number, cause: unknown) {
    const why = cause instanceof Error ? cause.message : String(cause);
    super(`PostgreSQL takes events, and not this commit of ${batches} batches: ${why}`, { cause });
    this.batches = batches;
  }
}

/**
 * A ledger that mends what it can by itself, so that the merged batches of a commit need not be delivered again: it
 * tries again after a conflict, makes a day's partition that is missing, waits while PostgreSQL takes no events, and
 * commits without the events that can't be committed: those go to the dead letters.
 *
 *   commit ──conflict, missing partition, bad data──▶ mended, tried again, a few times
 *      │
 *      └──anything else──▶ would a sound event be committed? ──no──▶ waits, uses no try up, commits again
 *                             └──yes──▶ a lost connection is tried again, a few times, no answer once; else CommitFails
 *
 * Rejects with SoundEventsFail where an event is refused for its data, and one with nothing wrong in it would be, too.
 */
export function withRetries(ledger: Ledger, pool: Pool, wait: PostgresWait): Pick<Ledger, 'commit'> {
  return {
    async commit(batches, given: ReadonlyMap<TrackedEvent, Death> = new Map()) {
      let dead = given;
      let someAreBad = false;
      let unanswered = 0;
      for (let tries = 1; ; tries += 1) {
        try {
          if (someAreBad && dead === given) {
            const found = await findBadEvents(ledger.probe, withoutEvents(batches, given));
            dead = new Map([...given, ...found]);
          }
          const commit = await ledger.commit(batches, dead);
          wait.worked();
          return commit;
        } catch (cause) {
          const kind = classifyFailure(cause);
          const mayTryAgain = tries < triesMax;
          if (cause instanceof SoundEventsFail) throw cause;
          if (mayTryAgain && kind === 'missing-partition') await makeMissingPartitions(pool, batches);
          else if (mayTryAgain && kind === 'conflict') await pause(Math.random() * 20 * tries);
          else if (mayTryAgain && kind === 'data') someAreBad = true;
          else if (!(await wait.takesEvents())) {
            await wait.untilBack(cause);
            // An outage uses no try up.
            tries -= 1;
          } else if (mayTryAgain && kind === 'away') await pause(lostPauseMs * tries);
          // A server that hung, and answers again by the time of the probe: its own time-out would have come first.
          else if (failureCode(cause) === 'timeout' && unanswered === 0) unanswered += 1;
          else throw new CommitFails(batches.length, cause);
        }
      }
    },
  };
}

/** The batches as they are to be committed, less these events. */
export function withoutEvents(
  batches: readonly Batch[],
  events: ReadonlyMap<TrackedEvent, unknown>,
): Batch[] {
  return batches.map((batch) => ({ ...batch, events: batch.events.filter((event) => !events.has(event)) }));
}

/** Those of the days of their events. */
export async function makeMissingPartitions(pool: Pool, batches: readonly Batch[]): Promise<void> {
  const days = new Set(
    batches.flatMap((batch) =>
      batch.events.map((event) => new Date(event.occurredAt).setUTCHours(0, 0, 0, 0)),
    ),
  );
  for (const day of [...days].sort((a, b) => a - b)) await makePartitions(pool, day, day);
}
