import { foldLikes, likeEffect, likePair, neverLiked, type TrackedEvent } from '@event-tracker/domain';
import type { Send } from '../transaction.ts';
import { insertStates, lockStates, type Pair, updateStates } from './like-states.ts';

/** Brings the like states up to these events. Comes back: the events that took effect. */
export async function applyLikes(
  send: Send,
  events: readonly TrackedEvent[],
): Promise<ReadonlySet<TrackedEvent>> {
  const effective = await applyUndecided(
    send,
    events.filter((event) => !event.tookEffect),
  );
  for (const event of events) if (event.tookEffect) effective.add(event);
  return effective;
}

/**
 * Most pairs are new: their states are written at once, as if nothing stood before. That insert also finds the pairs of
 * which something does, and waits for commits that are writing one: what it leaves out is locked, folded and updated.
 */
async function applyUndecided(send: Send, events: readonly TrackedEvent[]): Promise<Set<TrackedEvent>> {
  const pairs = pairsOf(events);
  if (pairs.size === 0) return new Set();
  const { states, effective } = foldLikes([...pairs.values()].map(neverLiked), events);
  for (const pair of await insertStates(send, states)) pairs.delete(likePair(pair));
  if (pairs.size === 0) return effective;

  const known = events.filter((event) => isOf(pairs, event));
  const standing = await lockStates(send, [...pairs.values()]);
  const folded = foldLikes(standing, known);
  updateStates(send, folded.states);
  for (const event of known) {
    if (folded.effective.has(event)) effective.add(event);
    else effective.delete(event);
  }
  return effective;
}

function pairsOf(events: readonly TrackedEvent[]): Map<string, Pair> {
  const effects = events.map(likeEffect).filter((effect) => effect !== undefined);
  return new Map(effects.map((effect) => [likePair(effect), effect]));
}

function isOf(pairs: ReadonlyMap<string, Pair>, event: TrackedEvent): boolean {
  const effect = likeEffect(event);
  return effect !== undefined && pairs.has(likePair(effect));
}
