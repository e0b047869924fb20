import type { Freshness, ViewAnswer } from '@event-tracker/storage';

/** An answer and the store that it comes from. */
export interface Answer<T> {
  value: T;
  servedBy: 'redis' | 'postgres';
}

/** No store that could answer is there. */
export class NoStoreCanAnswer extends Error {
  override name = 'NoStoreCanAnswer';
}

/**
 * Asks the fresh view, then the ledger, then, while PostgreSQL is away, the view as of the outage. Throws
 * NoStoreCanAnswer when none of them can.
 */
export async function firstAnswer<T>(sources: {
  /** Absent where the views don't hold the answer. */
  view: ((freshness: Freshness) => Promise<ViewAnswer<T>>) | undefined;
  ledger: () => Promise<T>;
  onError(cause: unknown): void;
}): Promise<Answer<T>> {
  const { view, ledger, onError } = sources;
  const fresh = await view?.('fresh').catch(onError);
  if (fresh?.status === 'fresh') return { value: fresh.value, servedBy: 'redis' };
  try {
    return { value: await ledger(), servedBy: 'postgres' };
  } catch (cause) {
    onError(cause);
  }
  const whole = await view?.('complete').catch(onError);
  if (whole?.status === 'fresh') return { value: whole.value, servedBy: 'redis' };
  throw new NoStoreCanAnswer();
}
