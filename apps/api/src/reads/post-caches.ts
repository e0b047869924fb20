import {
  type CacheLimits,
  createCache,
  createCacheLock,
  type PopularPost,
  type Post,
  type Redis,
} from '@event-tracker/storage';
import { z } from 'zod';

const post = z.object({
  postId: z.int(),
  userId: z.int(),
  content: z.string(),
  imageUrls: z.array(z.string()),
  hashtags: z.array(z.string()),
  createdAt: z.number(),
  updatedAt: z.number(),
  likeCount: z.int(),
});
const posts = z.array(post);
const popularPosts = z.array(post.extend({ windowLikes: z.int() }));

export type PostCaches = ReturnType<typeof createPostCaches>;

/** The caches of popular posts and of searches. */
export function createPostCaches(deps: {
  redis: Redis;
  limits: CacheLimits;
  now(): number;
  random(): number;
  onError(cause: unknown): void;
}) {
  const common = {
    ...deps,
    lock: createCacheLock(deps.redis),
    isNothing: (value: readonly unknown[]) => value.length === 0,
  };
  return {
    popular: createCache<PopularPost[]>({
      ...common,
      kind: 'popular',
      parse: (value) => popularPosts.safeParse(value).data,
    }),
    search: createCache<Post[]>({ ...common, kind: 'search', parse: (value) => posts.safeParse(value).data }),
  };
}
