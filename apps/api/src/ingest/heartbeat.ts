import { repeat, withTimeout } from '@event-tracker/runtime';

export interface Heartbeat {
  /** Notes what is not noted yet, one last time: to be called when nothing more is acknowledged. */
  close(): Promise<void>;
}

const roundMs = 1000;
/** Longest that a store which hangs may hold up the end of the process for the last note, in milliseconds. */
const lastNoteLimitMs = 2000;

/**
 * An idle producer is noted so often, in milliseconds, so that the books know it lives: a producer that is long gone
 * is folded into the totals, and must not come back.
 */
const idleMs = 3_600_000;

/**
 * Tells the books how many events this process has acknowledged, within a second of each growth. Batches say it, too,
 * but each only what was acknowledged before it: without this the loss of a process's last batches would not show.
 * While PostgreSQL is away it keeps trying; what was acknowledged meanwhile is noted as one number.
 */
export function startHeartbeat(deps: {
  acknowledged(): number;
  note(acknowledged: number): Promise<void>;
  now: () => number;
  onError(cause: unknown): void;
}): Heartbeat {
  const { acknowledged, note, now, onError } = deps;
  let noted = 0;
  let notedAt = 0;

  async function beat(): Promise<void> {
    const count = acknowledged();
    if (count === noted && (count === 0 || now() - notedAt < idleMs)) return;
    await note(count);
    noted = count;
    notedAt = now();
  }

  const stop = repeat(roundMs, beat, onError);
  return {
    async close() {
      const lastBeat = stop().then(beat);
      await withTimeout(lastBeat, lastNoteLimitMs, 'the last heartbeat').catch(onError);
    },
  };
}
