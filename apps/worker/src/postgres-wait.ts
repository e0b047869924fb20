import { setTimeout as pause } from 'node:timers/promises';
import type { Pool } from '@event-tracker/storage';

/** While PostgreSQL is away, those who need it wait here with what they hold. */
export interface PostgresWait {
  /** Resolves when PostgreSQL answers. Rejects with the cause once the worker shuts down. */
  untilBack(cause: unknown): Promise<void>;
  /** What is asked of PostgreSQL works (again). */
  worked(): void;
  close(): void;
}

const probeEveryMs = 500;

export function createPostgresWait({
  pool,
  note,
}: {
  pool: Pool;
  note: { away(cause: unknown): void; back(): void };
}): PostgresWait {
  const ending = new AbortController();
  let probing: Promise<void> | undefined;

  async function probe(): Promise<void> {
    for (;;) {
      // First a pause: an error that PostgreSQL answers again and again must not make for a busy loop.
      await pause(probeEveryMs, undefined, { signal: ending.signal });
      const answered = await pool.query('select').then(
        () => true,
        () => false,
      );
      if (answered) return;
    }
  }

  return {
    async untilBack(cause) {
      note.away(cause);
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
    worked: () => note.back(),
    close: () => ending.abort(),
  };
}
