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
/** A worker that has had nothing to do asks the lanes at one look in so many: a stall begins that much later at most. */
const looksPerAsk = 5;
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
  let looks = 0;

  async function anyLaneWaits(): Promise<boolean> {
    const asked = lanesWait.map((waits) => withTimeout(waits(), lookLimitMs, 'the lane').catch(() => false));
    return (await Promise.all(asked)).includes(true);
  }

  const stop = repeat(
    lookEveryMs,
    async () => {
      const holds = held() > 0;
      const asks = since !== undefined || looks % looksPerAsk === 0;
      looks += 1;
      const waits = holds || (asks && (await anyLaneWaits()));
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
