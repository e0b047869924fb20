import { repeat, withTimeout } from '@event-tracker/runtime';

/** Whether this worker gets anything done while there is something to do. */
export interface ProgressWatch {
  /** A batch was let go, whatever became of it. */
  completed(): void;
  /** For how long batches have waited, here or on a lane, while none completed; 0 while there is nothing to do. */
  stalledMs(): number;
  close(): Promise<void>;
}

const lookEveryMs = 1000;
const lookLimitMs = 1000;

/**
 *   idle ──something waits──▶ working ──none completes──▶ stalled for longer and longer
 *    ▲                          ▲  │                          │
 *    └────────nothing waits─────┼──┘◀──────one completes──────┘
 *
 * A socket that is open says nothing: a consumer may have stopped taking, or its commits may hang behind a lock. A lane
 * that can't be asked counts as empty; its own check says that it is away.
 */
export function createProgressWatch(deps: {
  now: () => number;
  /** Batches that this worker holds. */
  held(): number;
  /** Whether a lane has batches that nobody has taken, lane by lane. */
  lanesWait: readonly (() => Promise<boolean>)[];
}): ProgressWatch {
  const { now, held, lanesWait } = deps;
  let since: number | undefined;

  const stop = repeat(
    lookEveryMs,
    async () => {
      const looks = lanesWait.map((waits) =>
        withTimeout(waits(), lookLimitMs, 'the lane').catch(() => false),
      );
      const waits = held() > 0 || (await Promise.all(looks)).includes(true);
      since = waits ? (since ?? now()) : undefined;
    },
    () => {},
  );
  return {
    completed() {
      since = undefined;
    },
    stalledMs: () => (since === undefined ? 0 : now() - since),
    close: stop,
  };
}
