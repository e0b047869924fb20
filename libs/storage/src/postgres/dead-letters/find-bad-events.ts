import type { Batch, TrackedEvent } from '@event-tracker/domain';
import type { Death } from '../commit/insert-dead-letters.ts';
import { classifyFailure, type FailureKind, failureCode, SoundEventsFail } from '../failure.ts';
import { batchOf, soundEvent } from './sound-events.ts';

/** Rejects as a commit of the batches would, and leaves nothing behind. */
export type Probe = (batches: readonly Batch[]) => Promise<void>;

export interface Search {
  /** Kinds of failure for which an event may be blamed; any other ends the search. `data` alone by default. */
  blames?: readonly FailureKind[];
  /** Asked before each probe, with how many were found so far. Answering true ends the search. */
  isOver?(found: number): boolean;
}

/**
 * Finds the events because of which batches can't be committed, by probes that are rolled back: first between the
 * batches, then inside one, halving each time. k bad events among n take some 2·k·log2(n) probes.
 *
 * Data is refused for what it is; what else an event is blamed for may have been chance, so it must fail twice, with an
 * event that passes in between.
 *
 * Comes back empty when only several events together fail. Rejects with SoundEventsFail, and with whatever else than
 * what it may blame fails a probe.
 */
export async function findBadEvents(
  probe: Probe,
  batches: readonly Batch[],
  { blames = ['data'], isOver = () => false }: Search = {},
): Promise<Map<TrackedEvent, Death>> {
  const bad = new Map<TrackedEvent, Death>();

  async function failureOf(pieces: readonly Batch[]): Promise<unknown> {
    try {
      await probe(pieces);
      return undefined;
    } catch (cause) {
      if (blames.includes(classifyFailure(cause))) return cause;
      throw cause;
    }
  }

  async function search(pieces: readonly Batch[]): Promise<void> {
    if (pieces.every(({ events }) => events.length === 0) || isOver(bad.size)) return;
    const cause = await failureOf(pieces);
    if (cause === undefined) return;
    const [first] = pieces;
    if (pieces.length === 1 && first!.events.length === 1) {
      await blame(first!, cause);
      return;
    }
    const [left, right] = halves(pieces);
    await search(left);
    await search(right);
  }

  async function blame(alone: Batch, cause: unknown): Promise<void> {
    const event = alone.events[0]!;
    const soundFails = await failureOf([batchOf([soundEvent(event)])]);
    if (soundFails !== undefined)
      throw new SoundEventsFail('an event with nothing wrong in it can not be committed either', {
        cause: soundFails,
      });
    const again = classifyFailure(cause) === 'data' ? cause : await failureOf([alone]);
    if (again !== undefined) bad.set(event, { code: failureCode(again), reason: reasonOf(again) });
  }

  await search(batches);
  return bad;
}

function halves(pieces: readonly Batch[]): [Batch[], Batch[]] {
  if (pieces.length > 1) {
    const middle = pieces.length >> 1;
    return [pieces.slice(0, middle), pieces.slice(middle)];
  }
  const batch = pieces[0]!;
  const middle = batch.events.length >> 1;
  return [
    [{ ...batch, events: batch.events.slice(0, middle) }],
    [{ ...batch, events: batch.events.slice(middle) }],
  ];
}

const reasonMax = 500;

function reasonOf(cause: unknown): string {
  const message = cause instanceof Error ? cause.message : String(cause);
  return message.replaceAll('\0', '').slice(0, reasonMax);
}
