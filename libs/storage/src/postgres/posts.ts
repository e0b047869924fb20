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

/** How the likes of a window are counted, see `popular-posts-in-window.sql`. */
export interface PopularEffort {
  /** A window with more likes is not counted as a whole; so many of its newest say which posts are hot. */
  newestLikes: number;
  /** Posts whose likes are counted one by one at most; more, and the window is counted as a whole after all. */
  postsMax: number;
}

/** An index entry costs about 1 µs, a post by itself 5 to 10 µs. */
const usualEffort: PopularEffort = { newestLikes: 20_000, postsMax: 20_000 };

export function createPosts(pool: Pool, effort = usualEffort): Posts {
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
      const query =
        since === undefined
          ? { ...popularOfAllTime, values: [limit] }
          : { ...popularInWindow, values: [since, limit, effort.newestLikes, effort.postsMax] };
      const { rows } = await pool.query<PopularPost>(query);
      return rows;
    },
    async search(hashtag, limit) {
      const { rows } = await pool.query<Post>({ ...searchPosts, values: [hashtag, limit] });
      return rows;
    },
  };
}
