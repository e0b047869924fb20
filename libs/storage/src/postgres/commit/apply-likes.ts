import {
  foldLikes,
  type LikeState,
  likeEffect,
  likePair,
  neverLiked,
  type TrackedEvent,
} from '@event-tracker/domain';
import { plainArray } from '../arrays.ts';
import { statement } from '../sql.ts';
import type { Send } from '../transaction.ts';

const insertLikeStates = statement('insert-like-states');
const lockLikeStates = statement('lock-like-states');
const updateLikeStates = statement('update-like-states');

type Pair = Pick<LikeState, 'postId' | 'userId'>;

interface PairRow {
  post_id: number;
  user_id: number;
}

interface LikeStateRow extends PairRow {
  liked: boolean;
  event_id: string;
  occurred_at: number;
}

/**
 * Brings the like states up to these events. Comes back: the events that took effect.
 *
 * Most pairs are new: their states are written at once, as if nothing stood before. That insert also finds the pairs of
 * which something does, and waits for commits that are writing one: what it leaves out is locked, folded and updated.
 */
export async function applyLikes(
  send: Send,
  events: readonly TrackedEvent[],
): Promise<ReadonlySet<TrackedEvent>> {
  const pairs = pairsOf(events);
  if (pairs.size === 0) return new Set();
  const { states, effective } = foldLikes([...pairs.values()].map(neverLiked), events);
  const inserted = await send<PairRow>(insertLikeStates, stateArrays(states));
  for (const row of inserted) pairs.delete(likePair(pairOf(row)));
  if (pairs.size === 0) return effective;

  const known = events.filter((event) => isOf(pairs, event));
  const standing = await lockStates(send, [...pairs.values()]);
  const folded = foldLikes(standing, known);
  if (folded.states.length > 0) void send(updateLikeStates, stateArrays(folded.states));
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

async function lockStates(send: Send, pairs: readonly Pair[]): Promise<LikeState[]> {
  const rows = await send<LikeStateRow>(lockLikeStates, pairArrays(pairs));
  return rows.map((row) => ({
    ...pairOf(row),
    liked: row.liked,
    occurredAt: row.occurred_at,
    eventId: row.event_id,
  }));
}

function pairOf(row: PairRow): Pair {
  return { postId: row.post_id, userId: row.user_id };
}

function pairArrays(pairs: readonly Pair[]): string[] {
  return [plainArray(pairs.map((pair) => pair.postId)), plainArray(pairs.map((pair) => pair.userId))];
}

function stateArrays(states: readonly LikeState[]): string[] {
  return [
    ...pairArrays(states),
    plainArray(states.map((state) => state.liked)),
    plainArray(states.map((state) => state.occurredAt)),
    plainArray(states.map((state) => state.eventId)),
  ];
}
