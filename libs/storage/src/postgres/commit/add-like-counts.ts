import { plainArray } from '../arrays.ts';
import { statement } from '../sql.ts';
import type { Send } from '../transaction.ts';

/** By how much the likes of a post that stand change. */
export interface LikeCountChange {
  postId: number;
  change: number;
}

const addToLikeCounts = statement('add-to-like-counts');

/**
 * Keeps how many likes of each post stand; answers how many those are now. Everybody who likes a post shares its row:
 * sent as late as can be.
 *
 * @param changes in order of post
 */
export async function addLikeCounts(
  send: Send,
  changes: readonly LikeCountChange[],
): Promise<Map<number, number>> {
  if (changes.length === 0) return new Map();
  const rows = await send<{ post_id: number; likes: number }>(addToLikeCounts, [
    plainArray(changes.map((change) => change.postId)),
    plainArray(changes.map(({ change }) => change)),
  ]);
  return new Map(rows.map((row) => [row.post_id, row.likes]));
}
