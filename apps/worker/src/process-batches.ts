import { setTimeout as pause } from 'node:timers/promises';
import { type Batch, eventsBytes } from '@event-tracker/domain';
import { createGroupCommit, NeedsTrial } from '@event-tracker/queue';
import type { Commit, Ledger } from '@event-tracker/storage';
import { createApartCommits } from './commit-apart.ts';
import { CommitFails } from './commit-retries.ts';
import type { WorkerMetrics } from './worker-metrics.ts';

export interface BatchProcessor {
  /** Resolves when the batch is committed. Rejects with NeedsTrial when it can't be, alone either. */
  process(batch: Batch, lane: string): Promise<void>;
  /** Events of the batches that are not settled. */
  held(): number;
  /** Resolves shortly before the next commit may begin: batches that come earlier would wait. */
  untilDue(): Promise<void>;
  /** Resolves when all that was taken is settled. */
  close(): Promise<void>;
}

interface TakenBatch {
  batch: Batch;
  /** The lane that it was taken from. */
  lane: string;
}

/** So long before a commit its batches are fetched from their lane. */
const fetchMs = 20;

/** Batches that failed alone and could not be moved yet: so many are remembered. */
const failedAloneMax = 1000;

/**
 * The worker's group commit: batches that are held at one time become one transaction. What they change is appended, and
 * added up by folds, for which no batch waits.
 */
export function createBatchProcessor(deps: {
  ledger: Pick<Ledger, 'commit'>;
  /** The same for batches whose merged commit failed: it gives up sooner. */
  ledgerApart: Pick<Ledger, 'commit'>;
  /** Resolves when a commit may append: what waits to be added up is bounded. */
  mayAppend(): Promise<void>;
  onCommit(commit: Commit): void;
  commitEventsMax: number;
  /** Of what its events take in memory. */
  commitBytesMax: number;
  commitsInFlightMax: number;
  /** A commit begins so long after the one before it at the earliest, in milliseconds, unless so many batches wait. */
  commitEveryMs: number;
  companyEnough: number;
  metrics: WorkerMetrics;
  /** A commit is done. */
  onProgress(): void;
  /** A commit failed while PostgreSQL takes events: its batches are committed apart. */
  onApart(cause: CommitFails): void;
}): BatchProcessor {
  const { ledger, ledgerApart, mayAppend, metrics, onProgress, onApart } = deps;

  let beganAt = Number.NEGATIVE_INFINITY;
  let due: Promise<void> | undefined;

  async function flush(to: Pick<Ledger, 'commit'>, taken: readonly TakenBatch[]): Promise<void> {
    await mayAppend();
    beganAt = performance.now();
    const batches = taken.map(({ batch }) => batch);
    const began = performance.now();
    let commit: Commit;
    try {
      commit = await to.commit(batches);
    } catch (cause) {
      metrics.failed();
      throw cause;
    }
    onProgress();
    const events = batches.reduce((sum, batch) => sum + batch.events.length, 0);
    metrics.committed(batches.length, events, (performance.now() - began) / 1000);
    deps.onCommit(commit);
    countEvents(commit, taken);
  }

  function countEvents({ committed, fateOf }: Commit, taken: readonly TakenBatch[]): void {
    const laneOf = new Map(taken.map(({ batch, lane }) => [batch.id, lane]));
    for (const batch of committed) {
      const lane = laneOf.get(batch.id)!;
      for (const event of batch.events) metrics.event(event.eventType, fateOf(event), lane);
    }
  }

  async function commitTogether(taken: readonly TakenBatch[]): Promise<void> {
    try {
      // Where some fail more may come: while there is such trouble, none keeps the others waiting for long.
      await flush(apart.pending() > 0 ? ledgerApart : ledger, taken);
    } catch (cause) {
      if (cause instanceof CommitFails && cause.batches > 1) onApart(cause);
      throw cause;
    }
  }

  const bytesAnEvent = deps.commitBytesMax / deps.commitEventsMax;
  // In events; heavy ones count for as many usual ones as take their bytes.
  const sizeOf = ({ batch: { events } }: TakenBatch) =>
    Math.max(events.length, eventsBytes(events) / bytesAnEvent);
  const group = createGroupCommit<TakenBatch>({
    flush: commitTogether,
    sizeOf,
    groupMax: deps.commitEventsMax,
    inFlightMax: deps.commitsInFlightMax,
    // What a worker holds is bounded by the jobs that it fetches.
    pendingMax: Number.POSITIVE_INFINITY,
    everyMs: deps.commitEveryMs,
    companyEnough: deps.companyEnough,
  });

  const apart = createApartCommits<TakenBatch>({
    commit: (taken) => flush(ledgerApart, taken),
    sizeOf,
    commitMax: deps.commitEventsMax,
  });

  /** They come again when the quarantine can't be reached, and must not fail a commit with others once more. */
  const failedAlone = new Set<string>();

  async function commit(taken: TakenBatch): Promise<void> {
    if (failedAlone.has(taken.batch.id)) return apart.submit(taken);
    try {
      await group.submit(taken);
    } catch (cause) {
      if (!(cause instanceof CommitFails)) throw cause;
      if (cause.batches === 1) throw new NeedsTrial(cause.message, { cause });
      await apart.submit(taken);
    }
  }

  async function process(taken: TakenBatch): Promise<void> {
    const { id } = taken.batch;
    try {
      await commit(taken);
      failedAlone.delete(id);
    } catch (cause) {
      if (cause instanceof NeedsTrial) {
        failedAlone.add(id);
        if (failedAlone.size > failedAloneMax) failedAlone.delete(failedAlone.values().next().value!);
      }
      throw cause;
    }
  }

  return {
    process: (batch, lane) => process({ batch, lane }),
    untilDue() {
      const ms = beganAt + deps.commitEveryMs - fetchMs - performance.now();
      if (ms <= 0) return Promise.resolve();
      // All of a commit are let go in one turn: together they are one write to Redis.
      due ??= pause(ms).finally(() => {
        due = undefined;
      });
      return due;
    },
    held: () => group.pending() + apart.pending(),
    async close() {
      await group.close();
      await apart.close();
    },
  };
}
