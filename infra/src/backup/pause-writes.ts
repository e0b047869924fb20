import type { Redis } from '@event-tracker/storage';
import { UserError } from '../user-error.ts';

/** Milliseconds; Redis goes on by itself then, so that a backup that is killed stops nothing. */
const pauseLimitMs = 8000;

/**
 * Runs `work` while Redis takes no writes: clients wait, and an API that waits for longer than FAST_LANE_TIMEOUT_MS puts
 * its batch on the durable lane. Throws a UserError when `work` took longer than Redis waits.
 * `onEnd` hears for how many milliseconds they waited.
 */
export async function whilePaused<T>(
  redis: Redis,
  work: () => Promise<T>,
  { limitMs = pauseLimitMs, onEnd = (_ms: number): void => {} } = {},
): Promise<T> {
  const began = performance.now();
  await redis.client('PAUSE', limitMs, 'WRITE');
  try {
    const result = await work();
    if (performance.now() - began < limitMs) return result;
  } finally {
    await redis.client('UNPAUSE');
    onEnd(performance.now() - began);
  }
  throw new UserError(
    `PostgreSQL took longer than ${limitMs / 1000} s to end its copy, and Redis went on meanwhile: try again when less is under way.`,
  );
}
