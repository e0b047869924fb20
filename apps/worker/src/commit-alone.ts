import type { Batch, TrackedEvent } from '@event-tracker/domain';
import type { BadEvent } from '@event-tracker/queue';
import { type Death, type FailureKind, findBadEvents, type Ledger } from '@event-tracker/storage';
import { CommitFails, withoutEvents } from './commit-retries.ts';

/** Alone a batch may be searched for whatever fails it, but for what others do: conflicts and outages. */
const blames: readonly FailureKind[] = ['data', 'too-much', 'other'];

/** A search that finds nothing may take so many times as long as one that has something to keep. */
const emptySearchFactor = 5;

/** The search for the bad events of a batch took too long for one trial. */
export class SearchUnended extends Error {
  override name = 'SearchUnended';
  readonly bad: BadEvent[];

  constructor(bad: BadEvent[]) {
    super(`${bad.length} bad events were found so far`);
    this.bad = bad;
  }
}

/**
 * Commits a batch that failed with others and alone, without the events that fail it: those go to the dead letters. Which
 * they are is searched with a short limit to each step, so that one event holds a connection, and the locks of its
 * transaction, for a moment.
 *
 *   quick commit ──fails──▶ search ──some found──▶ patient commit of the others
 *                             ├──none found──▶ patient commit of all: together they may only be slow
 *                             └──too long──▶ SearchUnended; the next trial begins with what was found, if anything was
 */
export function createLoneCommit(deps: {
  /** With a short limit, and with the usual one. */
  quick: Pick<Ledger, 'commit'>;
  patient: Pick<Ledger, 'commit'>;
  /** With the short limit. */
  probe: Ledger['probe'];
  /** Sees to it that no event fails for want of its day's partition. */
  makePartitions(batch: Batch): Promise<void>;
  /** In milliseconds; what was found until then is kept. */
  searchLimitMs: number;
  /** Milliseconds of a clock that only goes forward. */
  now(): number;
  onBad(batch: Batch, bad: ReadonlyMap<TrackedEvent, Death>): void;
}): (batch: Batch, known: readonly BadEvent[]) => Promise<void> {
  const { quick, patient, probe, makePartitions, searchLimitMs, now, onBad } = deps;

  return async (batch, known) => {
    const bad = new Map<TrackedEvent, Death>();
    for (const { at, code, reason } of known) {
      const event = batch.events[at];
      if (event) bad.set(event, { code, reason });
    }
    try {
      await quick.commit([batch], bad);
    } catch (cause) {
      if (!(cause instanceof CommitFails)) throw cause;
      await searchThenCommit(batch, bad);
    }
    if (bad.size > 0) onBad(batch, bad);
  };

  async function searchThenCommit(batch: Batch, bad: Map<TrackedEvent, Death>): Promise<void> {
    await makePartitions(batch);
    const began = now();
    let unended = false;
    function isOver(found: number): boolean {
      unended ||= now() - began > searchLimitMs * (found > 0 ? 1 : emptySearchFactor);
      return unended;
    }
    const found = await findBadEvents(probe, withoutEvents([batch], bad), { blames, isOver });
    for (const [event, why] of found) bad.set(event, why);
    if (unended && found.size === 0)
      throw new Error('a batch fails, and the search for its bad events took too long without finding one');
    if (unended)
      throw new SearchUnended([...bad].map(([event, why]) => ({ at: batch.events.indexOf(event), ...why })));
    await patient.commit([batch], bad);
  }
}
