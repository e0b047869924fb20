import { setTimeout as pause } from 'node:timers/promises';
import type { Batch, TrackedEvent } from '@event-tracker/domain';
import {
  classifyFailure,
  type Death,
  findBadEvents,
  type Ledger,
  makePartitions,
  type Pool,
} from '@event-tracker/storage';
import type { PostgresWait } from './postgres-wait.ts';

const triesMax = 5;

/**
 * A ledger that mends what it can by itself, so that the merged batches of a commit need not be delivered again: it
 * tries again after a conflict, makes a day's partition that is missing, waits while PostgreSQL is away, and commits
 * without the events that can't be committed: those go to the dead letters.
 */
export function withRetries(ledger: Ledger, pool: Pool, wait: PostgresWait): Pick<Ledger, 'commit'> {
  return {
    async commit(batches) {
      let dead: ReadonlyMap<TrackedEvent, Death> = new Map();
      let someAreBad = false;
      for (let tries = 1; ; tries += 1) {
        try {
          if (someAreBad && dead.size === 0) dead = await findBadEvents(ledger.probe, batches);
          const commit = await ledger.commit(batches, dead);
          wait.worked();
          return commit;
        } catch (cause) {
          const kind = classifyFailure(cause);
          if (kind === 'away') {
            await wait.untilBack(cause);
            // An outage uses no try up.
            tries -= 1;
            continue;
          }
          if (tries === triesMax) throw cause;
          if (kind === 'missing-partition') await makeMissingPartitions(pool, batches);
          else if (kind === 'conflict') await pause(Math.random() * 20 * tries);
          else if (kind === 'data') someAreBad = true;
          else throw cause;
        }
      }
    },
  };
}

async function makeMissingPartitions(pool: Pool, batches: readonly Batch[]): Promise<void> {
  const days = new Set(
    batches.flatMap((batch) =>
      batch.events.map((event) => new Date(event.occurredAt).setUTCHours(0, 0, 0, 0)),
    ),
  );
  for (const day of [...days].sort((a, b) => a - b)) await makePartitions(pool, day, day);
}
