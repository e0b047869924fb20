import type { PendingWork } from '@event-tracker/storage';

/** What waits to be added up, over all shards. */
export interface Backlog {
  rows: number;
  oldestMs: number;
  /** Rows that wait for a newer worker; they are in none of the others. */
  unknown: number;
}

export interface FoldBrake {
  /** Resolves when commits may append. */
  mayAppend(): Promise<void>;
  isClosed(): boolean;
  /** A commit has appended so many rows: they count until a look sees them. */
  appended(rows: number): void;
  /** A look begins: what was appended by now is in what it finds. */
  looking(): void;
  /** What a look has found. */
  seen(work: readonly PendingWork[]): void;
  latest(): Backlog;
  /** Lets go of all that waits here. */
  close(): void;
}

/**
 * Keeps what waits to be added up within its bounds: beyond them a worker folds, and commits nothing, so that it takes no
 * jobs either. Released at half of the bound, so that it does not chatter. The age of a shard that stands still, or is under repair, is left out:
 * one change that can't be added up would keep the commits of all subjects waiting, and they would not hasten it. When half
 * of the shards stand still, nothing moves.
 *
 * Between two looks what this worker appends is added to what the last one found, so that beyond the bound there is at most what
 * commits hold that were under way then.
 *
 *   open ──rows or age beyond the bound──▶ closed ──both below half of it──▶ open
 */
export function createFoldBrake(deps: {
  /** How many shards there are. */
  shards: number;
  rowsMax: number;
  ageMaxMs: number;
  /** What can't be added up of it is looked for. */
  isUnderRepair(shard: number): boolean;
  onChange(closed: boolean, backlog: Backlog): void;
}): FoldBrake {
  const { rowsMax, ageMaxMs, onChange } = deps;
  let backlog: Backlog = { rows: 0, oldestMs: 0, unknown: 0 };
  let released: PromiseWithResolvers<void> | undefined;
  let ended = false;
  /** Appended since the last look began, and before that. */
  let appended = 0;
  let seenByNext = 0;

  function shut(): void {
    released = Promise.withResolvers();
    onChange(true, backlog);
  }

  return {
    isClosed: () => released !== undefined,
    mayAppend: () => released?.promise ?? Promise.resolve(),
    appended(rows) {
      appended += rows;
      if (!released && !ended && backlog.rows + seenByNext + appended > rowsMax) shut();
    },
    looking() {
      seenByNext += appended;
      appended = 0;
    },
    seen(work) {
      seenByNext = 0;
      const shards = work.filter(({ shard }) => shard !== null);
      backlog = {
        rows: shards.reduce((sum, { rows }) => sum + rows, 0),
        oldestMs: Math.max(0, ...shards.map(({ oldestMs }) => oldestMs)),
        unknown: work.reduce((sum, { unknown }) => sum + unknown, 0),
      };
      const bound = released ? 0.5 : 1;
      const old = shards.filter(({ oldestMs }) => oldestMs > ageMaxMs * bound);
      const still = old.filter(({ shard, stalledMs }) => stalledMs > ageMaxMs || deps.isUnderRepair(shard!));
      const isLate = old.length > still.length || still.length >= deps.shards / 2;
      const beyond = backlog.rows + appended > rowsMax * bound || isLate;
      if (beyond === (released !== undefined) || ended) return;
      if (beyond) return shut();
      released?.resolve();
      released = undefined;
      onChange(false, backlog);
    },
    latest: () => backlog,
    close() {
      ended = true;
      released?.resolve();
      released = undefined;
    },
  };
}
