import type { PendingWork } from '@event-tracker/storage';

export interface FoldStall {
  /** What a look has found. */
  seen(work: readonly PendingWork[]): void;
  /** For how long something has waited to be added up, and no worker has added anything of it up; in milliseconds. */
  stalledMs(): number;
}

/**
 * Finds out that a fold never ends: the age of the oldest row does not say it, since a long backlog is old and moves. Looks
 * that find nothing out, such as behind a lock, prolong a stall. What was left before this worker began is not held against
 * it.
 */
export function createFoldStall(now: () => number): FoldStall {
  const beganAt = now();
  let seenAt = beganAt;
  let stalled: number | undefined;

  return {
    seen(work) {
      seenAt = now();
      // Commits whose changes wait for a newer worker wait with them.
      const newerWaits = work.some(({ unknown }) => unknown > 0);
      const waiting = work.filter(({ shard, rows }) => rows > 0 && !(shard === null && newerWaits));
      stalled = waiting.length > 0 ? Math.max(...waiting.map(({ stalledMs }) => stalledMs)) : undefined;
    },
    stalledMs() {
      if (stalled === undefined) return 0;
      const at = now();
      return Math.min(at - beganAt, stalled + at - seenAt);
    },
  };
}
