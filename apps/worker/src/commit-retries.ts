import { setTimeout as pause } from 'node:timers/promises';
import type { Batch } from '@event-tracker/domain';
import { isMissingPartition, type Ledger, makePartitions, type Pool, sqlState } from '@event-tracker/storage';
import { isAway, type PostgresWait } from './postgres-wait.ts';

/** Serialisation failure, deadlock, lock not available: the transaction is rolled back, and may do at once. */
const passing = new Set(['40001', '40P01', '55P03']);

const triesMax = 5;

/**
 * A ledger that mends what it can by itself, so that the merged batches of a commit need not be delivered again: it
 * tries again after a conflict, makes a day's partition that is missing, and waits while PostgreSQL is away.
 */
export function withRetries(ledger: Ledger, pool: Pool, wait: PostgresWait): Ledger {
  return {
    async commit(batches, paidDebts) {
      for (let tries = 1; ; tries += 1) {
        try {
          const commit = await ledger.commit(batches, paidDebts);
          wait.worked();
          return commit;
        } catch (cause) {
          if (isAway(cause)) {
            await wait.untilBack(cause);
            // An outage uses no try up.
            tries -= 1;
            continue;
          }
          if (tries === triesMax) throw cause;
          if (isMissingPartition(cause)) await makeMissingPartitions(pool, batches);
          else if (passing.has(sqlState(cause) ?? '')) await pause(Math.random() * 20 * tries);
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
