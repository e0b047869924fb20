import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { createPosts, type Posts } from '../src/index.ts';
import { aBatch, aLike, anUnlike } from './support/builders.ts';
import { openTestLedger, type TestLedger } from './support/test-ledger.ts';

const hour = 3_600_000;
const now = Date.now();
const postCount = 60;
const userCount = 40;

let ledger: TestLedger;
let posts: Posts;
/** Of each post that somebody likes, when those likes that stand were given. */
const given = new Map<number, number[]>();
const hashtagsOf = new Map<number, string[]>();

/** A sequence that looks random and is the same in every run. */
function sequence(seed: number) {
  let state = seed;
  return (below: number) => {
    state = (state * 1_103_515_245 + 12_345) % 2_147_483_648;
    return Math.floor((state / 2_147_483_648) * below);
  };
}

beforeAll(async () => {
  ledger = await openTestLedger();
  posts = createPosts(ledger.pool);
  const random = sequence(7);
  const ids: number[] = [];
  for (let made = 0; made < postCount; made += 1) {
    const hashtags = ['all', ...(made % 2 === 0 ? ['even'] : []), ...(made === 3 ? ['one'] : [])];
    const { postId } = await posts.create({ userId: 1, content: `post ${made}`, imageUrls: [], hashtags });
    ids.push(postId);
    hashtagsOf.set(postId, hashtags);
  }
  // Every third is another system's, and liked most. A third of the others nobody likes.
  const liked = ids.filter((_, at) => at % 3 !== 0).concat(Array.from({ length: 150 }, (_, at) => 5000 + at));
  const events = liked.flatMap((postId, at) =>
    Array.from({ length: postId >= 5000 ? userCount : 2 + (at % 11) * (at % 4) }, () => {
      const userId = 1 + random(userCount);
      const occurredAt = now - random(40 * 24) * hour * (random(3) === 0 ? 1 : 0.01) - 1000;
      return { postId, userId, occurredAt: Math.max(Math.round(occurredAt), now - 30 * 24 * hour + 60_000) };
    }),
  );
  const batch = aBatch(
    events.map(({ postId, userId, occurredAt }, at) =>
      at % 7 === 0 ? anUnlike(userId, postId, { occurredAt }) : aLike(userId, postId, { occurredAt }),
    ),
  );
  await ledger.commitAndFold([batch]);
  const rows = await ledger.rows<{ post_id: number; at: number }>(
    'select post_id, (extract(epoch from liked_at) * 1000)::float8 as at from post_like',
  );
  for (const { post_id, at } of rows) given.set(post_id, [...(given.get(post_id) ?? []), at]);
});

afterAll(() => ledger.close());

/** The plain way: count, sort, cut. */
function ranked(since: number, limit: number) {
  return [...hashtagsOf.keys()]
    .map((postId) => ({ postId, likes: (given.get(postId) ?? []).filter((at) => at >= since).length }))
    .filter(({ likes }) => likes > 0)
    .sort((a, b) => b.likes - a.likes || b.postId - a.postId)
    .slice(0, limit);
}

const windows = [
  { window: '1h', since: now - hour },
  { window: '24h', since: now - 24 * hour },
  { window: '7d', since: now - 7 * 24 * hour },
  { window: 'all', since: undefined },
];
const efforts = {
  'counted as a whole': undefined,
  'counted post by post': { newestLikes: 25, postsMax: 1000 },
  'counted as a whole after all': { newestLikes: 25, postsMax: 3 },
  'with no like looked at first': { newestLikes: 0, postsMax: 1000 },
};

describe.each(Object.entries(efforts))(
  'popular posts are those that exist, by likes that stand and were given in the window, ties by newer: %s',
  (_, effort) => {
    test.each(windows)('$window', async ({ since }) => {
      const asked = createPosts(ledger.pool, effort);
      for (const limit of [1, 2, 3, 7, 10, 25, 100]) {
        const popular = await asked.popular(since, limit);
        expect(popular.map(({ postId, windowLikes }) => ({ postId, likes: windowLikes }))).toEqual(
          ranked(since ?? 0, limit),
        );
        for (const { postId, likeCount } of popular) expect(likeCount).toBe(given.get(postId)!.length);
      }
    });
  },
);

test('posts with a hashtag are ordered by likes, then newer, those without likes too', async () => {
  for (const hashtag of ['all', 'even', 'one', 'none']) {
    const expected = [...hashtagsOf]
      .filter(([, hashtags]) => hashtags.includes(hashtag))
      .map(([postId]) => ({ postId, likes: given.get(postId)?.length ?? 0 }))
      .sort((a, b) => b.likes - a.likes || b.postId - a.postId);
    for (const limit of [1, 2, 3, 10, 29, 30, 31, 100]) {
      const found = await posts.search(hashtag, limit);
      expect(found.map(({ postId, likeCount }) => ({ postId, likes: likeCount }))).toEqual(
        expected.slice(0, limit),
      );
    }
  }
});

test('how many likes stand is kept exactly, and a tier grows with them', async () => {
  const wrong = await ledger.rows(
    `select post_id, likes, standing from like_count
     full join (select post_id, count(*) as standing from post_like group by post_id) l using (post_id)
     where coalesce(likes, 0) <> coalesce(standing, 0)`,
  );
  expect(wrong).toEqual([]);
  const [tiers] = await ledger.rows<{ tiers: number[] }>(
    `select array_agg(like_tier(n) order by n) as tiers
     from unnest('{-1,0,1,2,3,4,5,6,7,8,11,12,9007199254740991}'::bigint[]) as n`,
  );
  expect(tiers!.tiers).toEqual([0, 0, 1, 2, 3, 4, 4, 5, 5, 6, 6, 7, 51]);
});
