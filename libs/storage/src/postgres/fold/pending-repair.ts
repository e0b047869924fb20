import { plainArray } from '../arrays.ts';
import type { Death } from '../commit/insert-dead-letters.ts';
import { classifyFailure, SoundEventsFail } from '../failure.ts';
import type { Pool } from '../pool.ts';
import { statement } from '../sql.ts';
import { inTransaction } from '../transaction.ts';
import { knownVersions } from './pending-version.ts';

/** For when the changes of a shard can't be added up. */
export interface PendingRepair {
  /** The row that the shard's next fold begins with. */
  oldest(shard: number): Promise<{ id: number; size: number } | undefined>;
  /** How many rows of the shard wait. */
  rowsOf(shard: number): Promise<number>;
  /** Divides a row into rows of one change each, which take its place. One that is gone is let go. */
  divide(changeId: number): Promise<void>;
  /** Moves a row to the dead letters; one that is gone is let go. */
  deadLetter(changeId: number, why: Death & { attempts: number }): Promise<void>;
  /** The days that what waits in the shard belongs to, in milliseconds since the epoch. */
  daysOf(shard: number): Promise<number[]>;
  /**
   * Adds up a change with nothing wrong in it, of the kind, type and minute of the shard's oldest, and takes it back.
   * Rejects with SoundEventsFail when that is refused, too: the database is at fault. While PostgreSQL is away or too slow, or
   * two transactions are in each other's way, it rejects with that.
   */
  tryCanary(shard: number): Promise<void>;
}

const oldestPendingChange = statement('oldest-pending-change');
const countPendingChanges = statement('count-pending-changes');
const dividePendingChange = statement('divide-pending-change');
const deadLetterPendingChange = statement('dead-letter-pending-change');
const daysOfPendingChanges = statement('days-of-pending-changes');
const lockShard = statement('lock-shard');
const appendSoundChange = statement('append-sound-change');
const foldStatement = statement('fold');

export function createPendingRepair(pool: Pool): PendingRepair {
  return {
    async oldest(shard) {
      const values = [shard, plainArray(knownVersions)];
      const { rows } = await pool.query<{ id: number; size: number }>({ ...oldestPendingChange, values });
      return rows[0];
    },
    async rowsOf(shard) {
      const values = [shard, plainArray(knownVersions)];
      const { rows } = await pool.query<{ rows: number }>({ ...countPendingChanges, values });
      return rows[0]!.rows;
    },
    async divide(changeId) {
      await pool.query({ ...dividePendingChange, values: [changeId] });
    },
    async deadLetter(changeId, { code, reason, attempts }) {
      await pool.query({ ...deadLetterPendingChange, values: [changeId, code, reason, attempts] });
    },
    async daysOf(shard) {
      const { rows } = await pool.query<{ day: string }>({ ...daysOfPendingChanges, values: [shard] });
      return rows.map(({ day }) => Date.parse(day));
    },
    async tryCanary(shard) {
      const folding = inTransaction(
        pool,
        async (send) => {
          // A fold of the shard that is under way is waited for: the canary's own would leave the shard to it.
          void send(lockShard, [shard]);
          const versions = plainArray(knownVersions);
          const [appended] = await send<{ id: number }>(appendSoundChange, [shard, versions]);
          if (appended) await send(foldStatement, [plainArray([shard]), versions, 1, 1, 0, appended.id]);
        },
        'rollback',
      );
      await folding.catch((cause: unknown) => {
        if (['away', 'conflict', 'too-much'].includes(classifyFailure(cause))) throw cause;
        throw new SoundEventsFail('a change with nothing wrong in it can not be added up either', { cause });
      });
    },
  };
}
