import type { Fold, FoldRequest, Folds } from '@event-tracker/storage';

export interface FoldLoop {
  /** Something was appended. */
  wake(): void;
  /** Folds until nothing is left that this worker can take, or the signal is given; then no more. */
  close(signal: AbortSignal): Promise<void>;
}

/**
 * Adds up what commits appended.
 *
 *   resting ──wake──▶ folding all shards ──nothing left──▶ resting
 *      ▲                │      │  ▲
 *      │         a limit was   │  └──after `everyMs`──┐
 *      │           reached     └──a shard was held────┘
 *      │                ▼
 *      └────────folding shard by shard, `inFlightMax` at a time
 *
 * While little waits, one transaction folds all shards, so that a quiet site pays for one. A shard that anybody folded less
 * than `everyMs` ago is left for then, so that a busy one pays for few.
 */
export function createFoldLoop(deps: {
  folds: Pick<Folds, 'fold'>;
  /** Those that are to be folded now. */
  shards(): readonly number[];
  rowsMax: number;
  changesMax: number;
  everyMs: number;
  inFlightMax: number;
  /** Takes what a fold added up. The loop waits for it when it says so by a promise. */
  onFolded(fold: Fold): Promise<void> | undefined;
  /** A fold failed. Resolves when it may be tried again; what stands in the way is out of it by then. */
  onFailure(cause: unknown, shards: readonly number[]): Promise<void>;
}): FoldLoop {
  const { folds, shards, rowsMax, changesMax, everyMs, inFlightMax, onFolded, onFailure } = deps;
  let woken = false;
  let closing: AbortSignal | undefined;
  let running: Promise<void> | undefined;
  let rest = Promise.withResolvers<void>();

  async function one(request: Pick<FoldRequest, 'shards' | 'everyMs'>): Promise<Fold | undefined> {
    try {
      const fold = await folds.fold({ ...request, rowsMax, changesMax });
      await onFolded(fold);
      return fold;
    } catch (cause) {
      await onFailure(cause, request.shards);
      return undefined;
    }
  }

  /** Answers whether anything may be left. */
  async function foldAll(): Promise<boolean> {
    const all = shards();
    if (all.length === 0) return false;
    const fold = await one({ shards: all, everyMs: closing ? 0 : everyMs });
    if (fold === undefined) return true;
    if (!fold.more) return fold.held;
    const queue = startingAnywhere(all);
    const fromQueue = async () => {
      for (let shard = queue.shift(); shard !== undefined && !ended(); shard = queue.shift()) {
        const ofShard = await one({ shards: [shard], everyMs: 0 });
        if (ofShard?.more) queue.push(shard);
      }
    };
    await Promise.all(Array.from({ length: inFlightMax }, fromQueue));
    return true;
  }

  const ended = () => closing?.aborted === true;

  async function run(): Promise<void> {
    while (!ended()) {
      woken = false;
      const began = performance.now();
      const left = await foldAll();
      if (!left && !woken) return;
      // Appended while it folded: its shards were folded just now, so there is time.
      await sleep(Math.max(0, everyMs - (performance.now() - began)));
    }
  }

  function sleep(ms: number): Promise<void> {
    rest = Promise.withResolvers<void>();
    const timer = setTimeout(rest.resolve, closing ? Math.min(ms, 10) : ms);
    return rest.promise.finally(() => clearTimeout(timer));
  }

  function wake(): void {
    woken = true;
    if (ended()) return;
    running ??= run().finally(() => {
      running = undefined;
      if (woken) wake();
    });
  }

  return {
    wake,
    async close(signal) {
      closing = signal;
      rest.resolve();
      wake();
      await running;
    },
  };
}

/** So that workers which begin together do not all ask for the same shard. */
function startingAnywhere(shards: readonly number[]): number[] {
  const first = Math.floor(Math.random() * shards.length);
  return [...shards.slice(first), ...shards.slice(0, first)];
}
