import type { NewPost } from '@event-tracker/domain';
import { textArray } from './arrays.ts';
import type { Pool } from './pool.ts';
import { statement } from './sql.ts';

export interface Post extends NewPost {
  postId: number;
  /** Milliseconds since the epoch. */
  createdAt: number;
  updatedAt: number;
  /** Likes that stand. */
  likeCount: number;
}

export interface PopularPost extends Post {
  /** Of them, those that were given in the window. */
  windowLikes: number;
}

/** Every method rejects while PostgreSQL is away. */
export interface Posts {
  create(post: NewPost): Promise<Post>;
  find(postId: number): Promise<Post | undefined>;
  /** Those with most likes that stand and were given since then (ms since the epoch; undefined: at any time). */
  popular(since: number | undefined, limit: number): Promise<PopularPost[]>;
  /** Those with the hashtag, most liked first. */
  search(hashtag: string, limit: number): Promise<Post[]>;
}

const insertPost = statement('insert-post');
const findPost = statement('find-post');
const popularOfAllTime = statement('popular-posts-of-all-time');
const popularInWindow = statement('popular-posts-in-window');
const searchPosts = statement('search-posts');

/** Liked posts that are looked up at first beyond those that are asked for, and how many times as many at the next try. */
const spare = 50;
const widening = 100;

type WindowRow = { lookedUp: number } & (PopularPost | { postId: null });

function postOf(row: WindowRow): PopularPost[] {
  const { lookedUp: _, ...post } = row;
  return post.postId === null ? [] : [post];
}

export function createPosts(pool: Pool): Posts {
  async function popularSince(since: number, limit: number): Promise<PopularPost[]> {
    for (let lookups = limit + spare; ; lookups *= widening) {
      const values = [since, limit, lookups];
      const { rows } = await pool.query<WindowRow>({ ...popularInWindow, values });
      const posts = rows.flatMap(postOf);
      if (posts.length === limit || rows[0]!.lookedUp < lookups) return posts;
    }
  }

  return {
    async create({ userId, content, imageUrls, hashtags }) {
      const values = [userId, content, textArray(imageUrls), textArray(hashtags)];
      const { rows } = await pool.query<Post>({ ...insertPost, values });
      return rows[0]!;
    },
    async find(postId) {
      const { rows } = await pool.query<Post>({ ...findPost, values: [postId] });
      return rows[0];
    },
    async popular(since, limit) {
      if (since !== undefined) return popularSince(since, limit);
      const { rows } = await pool.query<PopularPost>({ ...popularOfAllTime, values: [limit] });
      return rows;
    },
    async search(hashtag, limit) {
      const { rows } = await pool.query<Post>({ ...searchPosts, values: [hashtag, limit] });
      return rows;
    },
  };
}
