import { addTypeCounts, noCounts, type TypeCounts, type WorkerBeat } from '@event-tracker/domain';
import { repeat, withTimeout } from '@event-tracker/runtime';

export interface WorkerBeats {
  /** So many events were committed just now. */
  committed(events: TypeCounts): void;
  /** Says that this worker ends, and what it has not told yet. */
  close(): Promise<void>;
}

/** What was committed is told so soon; a worker that commits nothing says so once a second. */
const everyMs = 250;
const idleEveryMs = 1000;
const tellLimitMs = 500;

/** What this worker commits, summed up and told to every API that listens: nobody's truth, only what people watch. */
export function startWorkerBeats(deps: {
  worker: string;
  /** Ways to tell, the usual one first; the next is for when that is away. */
  ways: readonly ((beat: string) => Promise<unknown>)[];
  onError(cause: unknown): void;
}): WorkerBeats {
  const { worker, ways, onError } = deps;
  let untold = noCounts();
  let toldAt = Number.NEGATIVE_INFINITY;

  async function tell(ended: boolean): Promise<void> {
    const stored = untold;
    untold = noCounts();
    const beat: WorkerBeat = { worker, stored, ended };
    toldAt = performance.now();
    for (const way of ways) {
      try {
        await withTimeout(way(JSON.stringify(beat)), tellLimitMs, 'telling what was committed');
        return;
      } catch (cause) {
        onError(cause);
      }
    }
    addTypeCounts(untold, stored);
  }

  async function beatIfDue(): Promise<void> {
    const hasNews = Object.values(untold).some((count) => count > 0);
    if (hasNews || performance.now() - toldAt >= idleEveryMs - everyMs / 2) await tell(false);
  }
  const stop = repeat(everyMs, beatIfDue, onError);

  return {
    committed: (events) => addTypeCounts(untold, events),
    async close() {
      await stop();
      await tell(true);
    },
  };
}
