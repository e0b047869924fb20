import { repeat } from '@event-tracker/runtime';
import type { PendingWork } from '@event-tracker/storage';

export interface PendingWatch {
  /** Something was appended: what waits is looked at sooner. */
  appended(): void;
  close(): Promise<void>;
}

/** While commits append; and at rest, where a look finds what a worker that died has left. */
const busyMs = 250;
const restMs = 1000;
/** Each so many looks also look where nothing should be. */
const looksPerThoroughOne = 60;

/** Looks at what waits to be added up: four times a second while anything is appended, else once. */
export function watchPending(deps: {
  read(thoroughly: boolean): Promise<PendingWork[]>;
  onLook(work: readonly PendingWork[]): void;
  onError(cause: unknown): void;
}): PendingWatch {
  const { read, onLook, onError } = deps;
  let busy = true;
  let looks = 0;
  let restingSince = 0;

  const stop = repeat(
    busyMs,
    async () => {
      if (!busy && performance.now() - restingSince < restMs) return;
      busy = false;
      restingSince = performance.now();
      looks += 1;
      const work = await read(looks % looksPerThoroughOne === 0);
      // What waits may be more than one look's worth: it is looked at again soon.
      if (work.some(({ rows }) => rows > 0)) busy = true;
      onLook(work);
    },
    onError,
  );
  return {
    appended() {
      busy = true;
    },
    close: stop,
  };
}
