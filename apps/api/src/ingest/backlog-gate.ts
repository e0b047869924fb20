import { repeat } from '@event-tracker/runtime';

/** Closes ingest while too many events wait on the lane. */
export interface BacklogGate {
  isOpen(): boolean;
  /** So many events were put on the lane by this process. */
  added(events: number): void;
  close(): Promise<void>;
}

const measureEveryMs = 250;

/**
 * The backlog is measured a few times a second, and what this process has added since is counted on top, so a burst
 * between two measurements cannot pass. While the lane can't be measured it can't take anything either.
 */
export function createBacklogGate(deps: {
  measure(): Promise<number>;
  eventsMax: number;
  onError(cause: unknown): void;
}): BacklogGate {
  let measured = 0;
  let addedSince = 0;
  const stop = repeat(
    measureEveryMs,
    async () => {
      const addedBefore = addedSince;
      measured = await deps.measure();
      // What was added while it was measured may be in the measure already; counted twice it errs on the safe side.
      addedSince -= addedBefore;
    },
    deps.onError,
  );
  return {
    isOpen: () => measured + addedSince < deps.eventsMax,
    added: (events) => {
      addedSince += events;
    },
    close: stop,
  };
}
