import { type NewPost, type PopularWindow, popularSince } from '@event-tracker/domain';
import type { PopularPost, Post, Posts } from '@event-tracker/storage';
import type { Answer } from './first-answer.ts';
import { NoStoreCanAnswer } from './first-answer.ts';

/** Posts as PostgreSQL has them. Throws NoStoreCanAnswer while it is away. */
export interface PostsDesk {
  create(post: NewPost): Promise<Post>;
  find(postId: number): Promise<Post | undefined>;
  popular(window: PopularWindow, limit: number): Promise<Answer<PopularPost[]>>;
  search(keyword: string, limit: number): Promise<Answer<Post[]>>;
}

export function createPostsDesk(deps: {
  posts: Posts;
  now(): number;
  onError(cause: unknown): void;
}): PostsDesk {
  const { posts, now, onError } = deps;

  async function ask<T>(answer: Promise<T>): Promise<T> {
    try {
      return await answer;
    } catch (cause) {
      onError(cause);
      throw new NoStoreCanAnswer();
    }
  }
  const fromPostgres = async <T>(answer: Promise<T>): Promise<Answer<T>> => ({
    value: await ask(answer),
    servedBy: 'postgres',
  });

  return {
    create: (post) => ask(posts.create(post)),
    find: (postId) => ask(posts.find(postId)),
    popular: (window, limit) => fromPostgres(posts.popular(popularSince(window, now()), limit)),
    search: (keyword, limit) => fromPostgres(posts.search(keyword, limit)),
  };
}
