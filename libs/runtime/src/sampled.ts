import { repeat } from './repeat.ts';
import { withTimeout } from './with-timeout.ts';

/** What a store was last heard to say. */
export interface Sampled<T> {
  /** Undefined before the first answer, and once an answer did not come. */
  latest(): T | undefined;
  close(): Promise<void>;
}

const answerLimitMs = 5000;
/** Whoever did not answer is asked again so soon: at the start of a process its stores are not reached yet. */
const againMs = 2000;

/** Asks now and then, so that whoever wants to know need not wait. */
export function createSampled<T>(deps: {
  everyMs: number;
  ask(): Promise<T>;
  onError(cause: unknown): void;
}): Sampled<T> {
  const { everyMs, ask, onError } = deps;
  let latest: T | undefined;
  let dueAt = 0;
  const stop = repeat(
    Math.min(everyMs, againMs),
    async () => {
      if (performance.now() < dueAt) return;
      latest = await withTimeout(ask(), answerLimitMs, 'the answer');
      dueAt = performance.now() + everyMs;
    },
    (cause) => {
      latest = undefined;
      onError(cause);
    },
  );
  return { latest: () => latest, close: stop };
}
