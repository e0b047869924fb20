import { setTimeout as pause } from 'node:timers/promises';
import {
  classifyFailure,
  type Fold,
  type Folds,
  failureCode,
  makePartitions,
  type PendingRepair,
  type Pool,
} from '@event-tracker/storage';

export interface FoldRepair {
  /** Resolves when the shards can be folded again, or while PostgreSQL is away, once it is back. */
  repair(cause: unknown, shards: readonly number[]): Promise<void>;
  /**
   * The same beside other folds: resolves when those may go on with the shards that are not under repair. A change that is
   * too slow is found by time-outs, which no other shard is to wait for.
   */
  repairBeside(cause: unknown, shards: readonly number[]): Promise<void>;
  isUnderRepair(shard: number): boolean;
  /** Begins no more; what is left is another worker's. */
  close(): void;
}

/** What is not the content's fault by its code alone is tried so often, before the change is taken to be at fault. */
const triesMax = 3;
const pauseMs = 1000;
const conflictPauseMs = 20;
const reasonMax = 500;
/** One of them may wait for time-outs while the other finds that the rest is sound. */
const besideMax = 2;

/**
 * One bad change harms nobody: its shard is folded in halves until it stands alone, then it goes to the dead letters, and
 * the shard goes on.
 *
 *   fails ─▶ conflict: once more, after a moment
 *         ─▶ away: once PostgreSQL is back
 *         ─▶ no partition: it is made, once
 *         ─▶ else: half of the rows … one row ─▶ divided into its changes ─▶ one change, which fails by its content, or three
 *            times by anything else, while a sound one does not ─▶ dead letter
 *
 * When a sound change fails, too, the database is at fault, and no change pays for that: it is said, and waited for.
 */
export function createFoldRepair(deps: {
  pool: Pool;
  folds: Pick<Folds, 'fold'>;
  pending: PendingRepair;
  changesMax: number;
  rowsMax: number;
  onFolded(fold: Fold): Promise<void> | undefined;
  /** Resolves when PostgreSQL answers again; rejects once the worker shuts down. */
  untilBack(cause: unknown): Promise<void>;
  onDeadLetter(why: { shard: number; code: string; reason: string }): void;
  /** Nothing can be added up in this shard. */
  onRefused(cause: unknown, shard: number): void;
  /** A repair beside other folds has ended, well or not: the shard is folded with the others again. */
  onLeft?(shard: number, cause?: unknown): void;
}): FoldRepair {
  const { pool, folds, pending, changesMax, onFolded, untilBack, onDeadLetter, onRefused, onLeft } = deps;
  const underRepair = new Set<number>();
  const waiting: number[] = [];
  let running = 0;
  let closed = false;

  async function repairShard(shard: number): Promise<void> {
    let rowsMax = deps.rowsMax;
    let tries = 0;
    let madePartitions = false;
    while (!closed) {
      try {
        const fold = await folds.fold({ shards: [shard], rowsMax, changesMax, everyMs: 0 });
        await onFolded(fold);
        if (!fold.more) return;
        tries = 0;
        rowsMax = Math.min(deps.rowsMax, rowsMax * 2);
      } catch (cause) {
        const kind = classifyFailure(cause);
        if (kind === 'away') await untilBack(cause);
        else if (kind === 'conflict') await pause(Math.random() * conflictPauseMs);
        else if (kind === 'missing-partition' && !madePartitions) {
          for (const day of await pending.daysOf(shard)) await makePartitions(pool, day, day);
          madePartitions = true;
        } else if (rowsMax > 1) {
          // Halving more than there is would only wait for more time-outs.
          rowsMax = Math.min(rowsMax, Math.max(2, await pending.rowsOf(shard))) >> 1;
        } else {
          tries += 1;
          if (await isDealtWith(shard, cause, kind === 'data' ? triesMax : tries)) tries = 0;
          else await pause(pauseMs);
        }
      }
    }
  }

  /** Of one row alone. */
  async function isDealtWith(shard: number, cause: unknown, tries: number): Promise<boolean> {
    const row = await pending.oldest(shard);
    if (row === undefined) return true;
    if (row.size > 1) {
      await pending.divide(row.id);
      return true;
    }
    if (tries < triesMax) return false;
    try {
      await pending.tryCanary(shard);
    } catch {
      onRefused(cause, shard);
      return false;
    }
    const code = failureCode(cause);
    const reason = (cause as Error).message.replaceAll('\0', '').slice(0, reasonMax);
    await pending.deadLetter(row.id, { code, reason, attempts: tries });
    onDeadLetter({ shard, code, reason });
    return true;
  }

  /** Whether that was all that there is to do. */
  async function isWaitedFor(cause: unknown): Promise<boolean> {
    const kind = classifyFailure(cause);
    if (kind === 'away') await untilBack(cause);
    else if (kind === 'conflict') await pause(Math.random() * conflictPauseMs);
    else return false;
    return true;
  }

  function repairNext(): void {
    const shard = closed || running === besideMax ? undefined : waiting.shift();
    if (shard === undefined) return;
    running += 1;
    const left = (failure?: unknown) => {
      running -= 1;
      underRepair.delete(shard);
      onLeft?.(shard, failure);
      repairNext();
    };
    repairShard(shard).then(() => left(), left);
    repairNext();
  }

  return {
    async repair(cause, shards) {
      if (await isWaitedFor(cause)) return;
      // One after the other: most of them fold at once, and each would take a connection.
      for (const shard of shards) await repairShard(shard);
    },
    async repairBeside(cause, shards) {
      if (await isWaitedFor(cause)) return;
      for (const shard of shards) {
        if (underRepair.has(shard)) continue;
        underRepair.add(shard);
        waiting.push(shard);
      }
      repairNext();
    },
    isUnderRepair: (shard) => underRepair.has(shard),
    close() {
      closed = true;
    },
  };
}
