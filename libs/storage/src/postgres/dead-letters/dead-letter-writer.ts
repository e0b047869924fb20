import { createHash } from 'node:crypto';
import type { BuriedJob } from '@event-tracker/queue';
import { appendEntries } from '../commit/append-entries.ts';
import { claimBatches } from '../commit/claim-batches.ts';
import { insertDeadLetters } from '../commit/insert-dead-letters.ts';
import type { Pool } from '../pool.ts';
import { inTransaction } from '../transaction.ts';

export interface DeadLetterWriter {
  /** Puts a whole job among the dead letters, once; a job whose batch is committed already is let go. */
  bury(job: BuriedJob): Promise<void>;
}

/** The books of what came without a producer that can be read. */
export const nobody = '00000000-0000-0000-0000-000000000000';

const uuid = /^[\da-f]{8}(-[\da-f]{4}){3}-[\da-f]{12}$/i;

export function createDeadLetterWriter(pool: Pool): DeadLetterWriter {
  return {
    bury: (job) =>
      inTransaction(pool, async (send) => {
        const batchId = uuid.test(job.batchId) ? job.batchId : uuidOf(job.batchId);
        const producer = job.producer !== undefined && uuid.test(job.producer) ? job.producer : nobody;
        const { count, acknowledged, code, reason, payload, attempts } = job;
        const [ours] = await claimBatches(send, [{ id: batchId, eventCount: count }]);
        if (ours === undefined) return;
        insertDeadLetters(send, [
          {
            batchId,
            eventId: undefined,
            eventType: undefined,
            code,
            reason: reason.replaceAll('\0', ''),
            payload,
            attempts,
            eventCount: count,
          },
        ]);
        const all = { received: count, stored: 0, duplicate: 0, dead: count, hour: undefined };
        appendEntries(send, [{ ...all, producer, acknowledged, firstReceivedAt: Date.now() }]);
      }),
  };
}

/** The same job makes the same id, so that burying it again does nothing. */
function uuidOf(key: string): string {
  const hex = createHash('sha256').update(key).digest('hex');
  return `${hex.slice(0, 8)}-${hex.slice(8, 12)}-8${hex.slice(13, 16)}-8${hex.slice(17, 20)}-${hex.slice(20, 32)}`;
}
