import { type Batch, type EventLane, LaneUnavailable } from '@event-tracker/domain';
import type pg from 'pg';
import { encodeBatch } from './batch-codec.ts';
import { createBoss, type ExecuteSql } from './boss.ts';
import { durableLaneName, jobIdOf } from './names.ts';

export interface DurableLaneOptions {
  /** Closed by whoever made it. */
  pool: pg.Pool;
  /** Longest wait for PostgreSQL's answer, in milliseconds. */
  queryTimeoutMs: number;
  onError(cause: unknown): void;
}

export interface DurableLane extends EventLane {
  /** Puts a batch on the lane inside the transaction that `executeSql` belongs to: both happen, or neither. */
  enqueue(executeSql: ExecuteSql, batch: Batch): Promise<void>;
}

/** The lane in PostgreSQL: one pg-boss job a batch. A batch that is put on it again is skipped while its job is kept. */
export function createDurableLane(options: DurableLaneOptions): DurableLane {
  const boss = createBoss(options);

  async function insert(batch: Batch, executeSql?: ExecuteSql): Promise<void> {
    const started = await boss.started();
    const job = {
      id: batch.id,
      data: encodeBatch(batch),
      // Has no effect under the standard policy; the lane's contents are counted by it alone.
      singletonKey: jobIdOf(batch),
    };
    await started.insert(durableLaneName, [job], executeSql && { db: { executeSql: executeSql as never } });
  }

  return {
    name: 'durable',
    async submit(batch) {
      try {
        await insert(batch);
      } catch (cause) {
        // PostgreSQL answered, and refuses this very batch: the lane is not away.
        if (/^22/.test((cause as { code?: string }).code ?? '')) throw cause;
        throw new LaneUnavailable('PostgreSQL did not take the batch', { cause });
      }
    },
    enqueue: (executeSql, batch) => insert(batch, executeSql),
    async health() {
      await boss.started();
      const { rows } = await boss.executeSql(
        "select current_setting('transaction_read_only') = 'on' as \"readOnly\"",
      );
      if ((rows[0] as { readOnly: boolean }).readOnly)
        throw new LaneUnavailable('PostgreSQL takes no writes');
    },
    close: () => boss.stop(),
  };
}
