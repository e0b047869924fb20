import Redlock, { ExecutionError, type Lock, ResourceLockedError } from 'redlock';
import type { Redis } from '../connection.ts';

export interface CacheLock {
  /**
   * Takes the lock, or answers undefined when somebody has it. Rejects when Redis is away. Who holds it may lose it by its
   * end: it saves work, and keeps nothing right.
   */
  take(key: string, lifeMs: number): Promise<{ release(): Promise<void> } | undefined>;
}

export function createCacheLock(redis: Redis): CacheLock {
  const redlock = new Redlock([redis as never], { retryCount: 0 });
  // Told for each lock that somebody else has; what matters rejects.
  redlock.on('error', () => {});
  return {
    async take(key, lifeMs) {
      let lock: Lock;
      try {
        lock = await redlock.acquire([key], lifeMs);
      } catch (cause) {
        if (await isHeld(cause)) return undefined;
        throw cause;
      }
      return {
        // One that has ended, or is another's by now, needs no release.
        release: () =>
          lock.release().then(
            () => {},
            () => {},
          ),
      };
    },
  };
}

async function isHeld(cause: unknown): Promise<boolean> {
  if (!(cause instanceof ExecutionError)) return false;
  const stats = await cause.attempts.at(-1);
  const errors = [...(stats?.votesAgainst.values() ?? [])];
  return errors.length > 0 && errors.every((error) => error instanceof ResourceLockedError);
}
