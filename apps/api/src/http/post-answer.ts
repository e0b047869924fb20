import { id } from '@event-tracker/domain';
import type { Post } from '@event-tracker/storage';
import { z } from 'zod';

export const postAnswer = z.object({
  postId: id,
  userId: id,
  content: z.string(),
  imageUrls: z.array(z.string()),
  hashtags: z.array(z.string()),
  createdAt: z.iso.datetime(),
  updatedAt: z.iso.datetime(),
  /** Likes that stand. */
  likeCount: z.int().nonnegative(),
});

export function postAnswerOf(post: Post): z.infer<typeof postAnswer> {
  const { postId, userId, content, imageUrls, hashtags, createdAt, updatedAt, likeCount } = post;
  return {
    postId,
    userId,
    content,
    imageUrls,
    hashtags,
    createdAt: new Date(createdAt).toISOString(),
    updatedAt: new Date(updatedAt).toISOString(),
    likeCount,
  };
}
