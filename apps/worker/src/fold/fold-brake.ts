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
  /** What a look has found. */
  seen(work: readonly PendingWork[]): void;
  latest(): Backlog;
  /** Lets go of all that waits here. */
  close(): void;
}

/**
 * Keeps what waits to be added up within its bounds: beyond them a worker folds, and commits nothing, so that it takes no
 * jobs either. Released at half of the bound, so that it does not chatter.
 *
 *   open ──rows or age beyond the bound──▶ closed ──both below half of it──▶ open
 */
export function createFoldBrake(deps: {
  rowsMax: number;
  ageMaxMs: number;
  onChange(closed: boolean, backlog: Backlog): void;
}): FoldBrake {
  const { rowsMax, ageMaxMs, onChange } = deps;
  let backlog: Backlog = { rows: 0, oldestMs: 0, unknown: 0 };
  let released: PromiseWithResolvers<void> | undefined;
  let ended = false;

  return {
    isClosed: () => released !== undefined,
    mayAppend: () => released?.promise ?? Promise.resolve(),
    seen(work) {
      const shards = work.filter(({ shard }) => shard !== null);
      backlog = {
        rows: shards.reduce((sum, { rows }) => sum + rows, 0),
        oldestMs: Math.max(0, ...shards.map(({ oldestMs }) => oldestMs)),
        unknown: work.reduce((sum, { unknown }) => sum + unknown, 0),
      };
      const bound = released ? 0.5 : 1;
      const beyond = backlog.rows > rowsMax * bound || backlog.oldestMs > ageMaxMs * bound;
      if (beyond === (released !== undefined) || ended) return;
      if (beyond) released = Promise.withResolvers();
      else {
        released?.resolve();
        released = undefined;
      }
      onChange(beyond, backlog);
    },
    latest: () => backlog,
    close() {
      ended = true;
      released?.resolve();
      released = undefined;
    },
  };
}
