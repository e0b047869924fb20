import { setTimeout as pause } from 'node:timers/promises';
import { classifyFailure } from '@event-tracker/storage';

/** Whether PostgreSQL takes events, and the wait of those who need it for it to take them again. */
export interface PostgresWait {
  /** Whether an event with nothing wrong in it could be committed now. */
  takesEvents(): Promise<boolean>;
  /** Resolves when PostgreSQL takes events. Rejects with the cause once the worker shuts down. */
  untilBack(cause: unknown): Promise<void>;
  /** What is asked of PostgreSQL works (again). */
  worked(): void;
  close(): void;
}

interface Note {
  away(cause: unknown): void;
  back(): void;
}

const probeEveryMs = 500;

/**
 *   takes events ──a probe fails──▶ away, or there and refusing ──a probe passes──▶ takes events
 *
 * The probe is a commit of events with nothing wrong in them, rolled back: a server that answers `select` may still be
 * read-only, out of disk, or hang in every commit behind a lock. Which of the two it is only the log says; both are waited
 * for in the same way.
 */
export function createPostgresWait(deps: {
  /** Rejects as a commit of sound events would. */
  commitSound(): Promise<unknown>;
  /** Rejects unless PostgreSQL answers. */
  ask(): Promise<unknown>;
  away: Note;
  /** It answers, and commits nothing. */
  refusing: Note;
}): PostgresWait {
  const { commitSound, ask, away, refusing } = deps;
  const ending = new AbortController();
  let probing: Promise<void> | undefined;

  async function takesEvents(): Promise<boolean> {
    try {
      await commitSound();
      return true;
    } catch (cause) {
      // A commit makes the partition of its day itself.
      if (classifyFailure(cause) === 'missing-partition') return true;
      await ask().then(
        () => refusing.away(cause),
        () => away.away(cause),
      );
      return false;
    }
  }

  async function probe(): Promise<void> {
    do {
      // First a pause: an error that PostgreSQL answers again and again must not make for a busy loop.
      await pause(probeEveryMs, undefined, { signal: ending.signal });
    } while (!(await takesEvents()));
  }

  return {
    takesEvents,
    async untilBack(cause) {
      if (ending.signal.aborted) throw cause;
      probing ??= probe().finally(() => {
        probing = undefined;
      });
      const ended = Promise.withResolvers<never>();
      const end = () => ended.reject(cause);
      ending.signal.addEventListener('abort', end);
      try {
        await Promise.race([probing, ended.promise]);
      } catch {
        throw cause;
      } finally {
        // An outage may last for days, and be asked about twice a second.
        ending.signal.removeEventListener('abort', end);
      }
    },
    worked() {
      away.back();
      refusing.back();
    },
    close: () => ending.abort(),
  };
}
