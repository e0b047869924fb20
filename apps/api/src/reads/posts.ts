import { type NewPost, type PopularWindow, popularSince } from '@event-tracker/domain';
import type { Cached, PopularPost, Post, Posts } from '@event-tracker/storage';
import { NoStoreCanAnswer } from './first-answer.ts';
import type { PostCaches } from './post-caches.ts';

/** Posts as PostgreSQL has them, rankings and searches as it had them a moment ago. Throws NoStoreCanAnswer. */
export interface PostsDesk {
  create(post: NewPost): Promise<Post>;
  find(postId: number): Promise<Post | undefined>;
  /** Of these two the value is a list that may be longer than asked for, and the same object while it is cached. */
  popular(window: PopularWindow, limit: number): Promise<Cached<PopularPost[]>>;
  search(keyword: string, limit: number): Promise<Cached<Post[]>>;
}

export function createPostsDesk(deps: {
  posts: Posts;
  caches: PostCaches;
  now(): number;
  onError(cause: unknown): void;
}): PostsDesk {
  const { posts, caches, now, onError } = deps;

  async function ask<T>(answer: Promise<T>): Promise<T> {
    try {
      return await answer;
    } catch (cause) {
      onError(cause);
      throw new NoStoreCanAnswer();
    }
  }
  return {
    create: (post) => ask(posts.create(post)),
    find: (postId) => ask(posts.find(postId)),
    popular(window, limit) {
      const most = cachedLimit(limit);
      return ask(
        caches.popular.read(`${window}:${most}`, () => posts.popular(popularSince(window, now()), most)),
      );
    },
    search(keyword, limit) {
      const most = cachedLimit(limit);
      // Without braces, which a hash tag would be made of.
      const name = `${most}:${encodeURIComponent(keyword)}`;
      return ask(caches.search.read(name, () => posts.search(keyword, most)));
    },
  };
}

/** Limits share their values: the first ten, or the first hundred. */
function cachedLimit(limit: number): number {
  return limit <= 10 ? 10 : 100;
}
