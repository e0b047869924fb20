import type { LikeState } from '@event-tracker/domain';
import { plainArray } from '../arrays.ts';
import { statement } from '../sql.ts';
import type { Send } from '../transaction.ts';

const insertLikePlaceholders = statement('insert-like-placeholders');
const lockLikeStates = statement('lock-like-states');
const updateLikeStates = statement('update-like-states');

export type Pair = Pick<LikeState, 'postId' | 'userId'>;

interface PairRow {
  post_id: number;
  user_id: number;
}

interface LikeStateRow extends PairRow {
  liked: boolean;
  event_id: string;
  occurred_at: number;
}

/** The states of these pairs, one each, locked until the transaction ends; a pair that has none is left out. */
export async function lockStates(send: Send, pairs: readonly Pair[]): Promise<LikeState[]> {
  const rows = await send<LikeStateRow>(lockLikeStates, pairArrays(pairs));
  return rows.map((row) => ({
    ...pairOf(row),
    liked: row.liked,
    occurredAt: row.occurred_at,
    eventId: row.event_id,
  }));
}

/** The same, with a placeholder for each pair that has none: for whoever decides over the state. */
export function makeAndLockStates(send: Send, pairs: readonly Pair[]): Promise<LikeState[]> {
  void send(insertLikePlaceholders, pairArrays(pairs));
  return lockStates(send, pairs);
}

/** Sets states that are locked. */
export function updateStates(send: Send, states: readonly LikeState[]): void {
  if (states.length > 0) void send(updateLikeStates, stateArrays(states));
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
