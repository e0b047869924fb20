import { repeat, withTimeout } from '@event-tracker/runtime';

/** Closes ingest while too many events wait on the lanes. */
export interface BacklogGate {
  isOpen(): boolean;
  /** So many events were put on the lane by this process. */
  added(events: number): void;
  close(): Promise<void>;
}

const measureEveryMs = 250;
const measureLimitMs = 1000;

/**
 * The backlog is measured a few times a second, and what this process has added since is counted on top, so a burst
 * between two measurements cannot pass. A lane that can't be measured counts as it did when it last could.
 */
export function createBacklogGate(deps: {
  /** Events that wait, lane by lane. */
  measures: readonly (() => Promise<number>)[];
  eventsMax: number;
  onError(cause: unknown): void;
}): BacklogGate {
  const measured = deps.measures.map(() => 0);
  let addedSince = 0;
  const stop = repeat(
    measureEveryMs,
    async () => {
      const addedBefore = addedSince;
      const results = await Promise.allSettled(
        deps.measures.map((measure) => withTimeout(measure(), measureLimitMs, 'measuring a lane')),
      );
      results.forEach((result, lane) => {
        if (result.status === 'fulfilled') measured[lane] = result.value;
        else deps.onError(result.reason);
      });
      if (results.every((result) => result.status === 'rejected')) return;
      // What was added while it was measured may be in the measure already; counted twice it errs on the safe side.
      addedSince -= addedBefore;
    },
    deps.onError,
  );
  return {
    isOpen: () => measured.reduce((sum, events) => sum + events, addedSince) < deps.eventsMax,
    added: (events) => {
      addedSince += events;
    },
    close: stop,
  };
}
