import { randomUUID } from 'node:crypto';
import type { Batch, TrackedEvent } from '@event-tracker/domain';
import type { Death } from '../commit/insert-dead-letters.ts';
import { classifyFailure, SoundEventsFail } from '../failure.ts';
import { sqlState } from '../transaction.ts';

/** Rejects as a commit of the batches would, and leaves nothing behind. */
export type Probe = (batches: readonly Batch[]) => Promise<void>;

/**
 * Finds the events because of which batches can't be committed, by probes that are rolled back: first between the
 * batches, then inside one, halving each time. k bad events among n take some 2·k·log2(n) probes.
 *
 * Comes back empty when only several events together fail. Rejects with SoundEventsFail, and with whatever else than
 * the data fails a probe.
 */
export async function findBadEvents(
  probe: Probe,
  batches: readonly Batch[],
): Promise<Map<TrackedEvent, Death>> {
  const dead = new Map<TrackedEvent, Death>();

  async function search(pieces: readonly Batch[]): Promise<void> {
    const cause = await dataFailure(probe, pieces);
    if (cause === undefined) return;
    const [first] = pieces;
    if (pieces.length === 1 && first!.events.length === 1) {
      const event = first!.events[0]!;
      await expectSoundEventPasses(probe, event);
      dead.set(event, { code: sqlState(cause)!, reason: reasonOf(cause) });
      return;
    }
    const [left, right] = halves(pieces);
    await search(left);
    await search(right);
  }

  await search(batches);
  return dead;
}

async function dataFailure(probe: Probe, pieces: readonly Batch[]): Promise<unknown> {
  try {
    await probe(pieces);
    return undefined;
  } catch (cause) {
    if (classifyFailure(cause) === 'data') return cause;
    throw cause;
  }
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

async function expectSoundEventPasses(probe: Probe, like: TrackedEvent): Promise<void> {
  const sound: TrackedEvent = {
    eventId: randomUUID(),
    clientId: false,
    eventType: like.eventType,
    userId: 1,
    sessionId: 'probe',
    componentId: 1,
    keyword: 'probe',
    postId: 1,
    occurredAt: like.occurredAt,
    receivedAt: like.receivedAt,
  };
  const batch = { id: randomUUID(), producer: randomUUID(), acknowledged: 0, events: [sound] };
  const cause = await dataFailure(probe, [batch]);
  if (cause !== undefined)
    throw new SoundEventsFail('an event with nothing wrong in it can not be committed either', { cause });
}

const reasonMax = 500;

function reasonOf(cause: unknown): string {
  return (cause as Error).message.replaceAll('\0', '').slice(0, reasonMax);
}
