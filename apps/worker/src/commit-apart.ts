import { createGroupCommit, NeedsTrial } from '@event-tracker/queue';
import { CommitFails } from './commit-retries.ts';

export interface ApartCommits<T> {
  /** Resolves when it is committed. Rejects with NeedsTrial when it can't be, alone either. */
  submit(item: T): Promise<void>;
  /** The sum of the sizes that are not settled. */
  pending(): number;
  close(): Promise<void>;
}

/**
 * Where batches go whose merged commit failed while PostgreSQL takes events: a place of its own beside the commits, which
 * go on. What fails is halved, and the halves are committed, until what still fails is one batch, so that k bad ones
 * among n keep the others waiting for some k·log2(n) failures.
 */
export function createApartCommits<T>(deps: {
  /** Rejects with CommitFails where halves may do. */
  commit(items: readonly T[]): Promise<void>;
  sizeOf(item: T): number;
  /** In sizes. */
  commitMax: number;
}): ApartCommits<T> {
  const { commit, sizeOf, commitMax } = deps;
  const failures = new Map<T, NeedsTrial>();

  async function commitOrHalve(items: readonly T[]): Promise<void> {
    try {
      await commit(items);
    } catch (cause) {
      if (!(cause instanceof CommitFails)) throw cause;
      if (items.length === 1) failures.set(items[0]!, new NeedsTrial(cause.message, { cause }));
      else await commitHalves(items);
    }
  }

  async function commitHalves(items: readonly T[]): Promise<void> {
    const middle = items.length >> 1;
    await commitOrHalve(items.slice(0, middle));
    await commitOrHalve(items.slice(middle));
  }

  const group = createGroupCommit<T>({
    // Several have failed together already.
    flush: (items) => (items.length === 1 ? commitOrHalve(items) : commitHalves(items)),
    sizeOf,
    groupMax: commitMax,
    inFlightMax: 1,
    pendingMax: Number.POSITIVE_INFINITY,
  });
  return {
    async submit(item) {
      try {
        await group.submit(item);
        const failure = failures.get(item);
        if (failure) throw failure;
      } finally {
        failures.delete(item);
      }
    },
    pending: group.pending,
    close: group.close,
  };
}
