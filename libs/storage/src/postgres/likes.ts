import { randomUUIDv7 } from 'node:crypto';
import { type DecidedLikes, decideLikes, type LikeWish, likePair } from '@event-tracker/domain';
import type { DurableLane } from '@event-tracker/queue';
import { plainArray } from './arrays.ts';
import { addLikeCounts } from './commit/add-like-counts.ts';
import { makeAndLockStates, updateStates } from './commit/like-states.ts';
import type { Pool } from './pool.ts';
import { statement } from './sql.ts';
import { inTransaction, type Send } from './transaction.ts';

/** What became of a wish. */
export interface LikeAnswer {
  liked: boolean;
  /** Likes of the post that stand, this wish included. */
  likeCount: number;
}

export interface Likes {
  /**
   * Fulfils wishes, one after the other, in one transaction with the batch of events that they make: a statistic is
   * neither lost nor invented. Rejects when nothing was done, or when that is not known; see `sqlState`.
   */
  fulfil(
    wishes: readonly LikeWish[],
    producer: { id: string; acknowledged: number },
  ): Promise<{ answers: LikeAnswer[]; events: number }>;
}

const readClock = statement('read-clock');
const likeCountsOfPosts = statement('like-counts-of-posts');

export function createLikes({ pool, lane }: { pool: Pool; lane: Pick<DurableLane, 'enqueue'> }): Likes {
  return {
    async fulfil(wishes, producer) {
      const { decided, counts } = await inTransaction(pool, async (send, execute) => {
        // The clock is read once the states are locked: statements run in the order in which they are sent.
        const [standing, [clock]] = await Promise.all([
          makeAndLockStates(send, pairsOf(wishes)),
          send<{ now: number }>(readClock, []),
        ]);
        const made = decideLikes(standing, wishes, { clock: clock!.now, newId: randomUUIDv7 });
        updateStates(send, made.states);
        const events = made.outcomes.flatMap(({ event }) => event ?? []);
        if (events.length > 0)
          await lane.enqueue(execute, {
            id: randomUUIDv7(),
            producer: producer.id,
            acknowledged: producer.acknowledged,
            events,
          });
        // Not awaited here: the commit follows at once, and posts that many like are locked for no round trip.
        const counting = countLikes(send, wishes, made);
        counting.catch(() => {});
        return { decided: made, counts: counting };
      });
      return {
        answers: answersOf(wishes, decided, await counts),
        events: decided.outcomes.filter(({ event }) => event).length,
      };
    },
  };
}

function pairsOf(wishes: readonly LikeWish[]): LikeWish[] {
  return [...new Map(wishes.map((wish) => [likePair(wish), wish])).values()];
}

/** How many likes of each post stand after the wishes. */
async function countLikes(
  send: Send,
  wishes: readonly LikeWish[],
  { outcomes }: DecidedLikes,
): Promise<ReadonlyMap<number, number>> {
  const changes = new Map(wishes.map(({ postId }) => [postId, 0]));
  outcomes.forEach(({ liked, event }, at) => {
    const { postId } = wishes[at]!;
    if (event) changes.set(postId, changes.get(postId)! + (liked ? 1 : -1));
  });
  const inOrder = [...changes].sort(([a], [b]) => a - b).map(([postId, change]) => ({ postId, change }));
  const unchanged = inOrder.filter(({ change }) => change === 0).map(({ postId }) => postId);
  const [changed, read] = await Promise.all([
    addLikeCounts(
      send,
      inOrder.filter(({ change }) => change !== 0),
    ),
    unchanged.length === 0
      ? []
      : send<{ post_id: number; likes: number }>(likeCountsOfPosts, [plainArray(unchanged)]),
  ]);
  return new Map([...changed, ...read.map((row): [number, number] => [row.post_id, row.likes])]);
}

/** Each wish is told how many likes stood after it: the last one the final number, those before it as many less or more. */
function answersOf(
  wishes: readonly LikeWish[],
  { outcomes }: DecidedLikes,
  counts: ReadonlyMap<number, number>,
): LikeAnswer[] {
  const standing = new Map(counts);
  return wishes
    .map((wish, at) => ({ ...wish, ...outcomes[at]! }))
    .reverse()
    .map(({ postId, liked, event }) => {
      const likeCount = standing.get(postId) ?? 0;
      if (event) standing.set(postId, likeCount + (liked ? -1 : 1));
      return { liked, likeCount };
    })
    .reverse();
}
