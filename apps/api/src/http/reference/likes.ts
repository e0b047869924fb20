import type { ZodOpenApiOperationObject, ZodOpenApiPathsObject } from 'zod-openapi';
import { likeAnswer, likePath, toggleBody } from '../likes.ts';
import { problems } from './problems.ts';
import { anyKey } from './security.ts';

const outcomeUnknown = problems(400, 401, 429, [
  503,
  'PostgreSQL is away, or it is not known whether the change was made.',
]);

const answer = (liked: boolean) => ({
  '200': {
    description: 'The state that stands now.',
    content: {
      'application/json': {
        schema: likeAnswer,
        example: { postId: 7, userId: 42, liked, likeCount: liked ? 12 : 11 },
      },
    },
  },
  ...outcomeUnknown,
});

const byPath = (liked: boolean): ZodOpenApiOperationObject => ({
  tags: ['Posts, likes, search'],
  operationId: liked ? 'like' : 'unlike',
  summary: liked ? 'Sets a like' : 'Takes a like away',
  description: 'Idempotent: no event and no new time when nothing changes. The post need not exist here.',
  security: anyKey,
  requestParams: { path: likePath },
  responses: answer(liked),
});

export const likePaths: ZodOpenApiPathsObject = {
  '/api/posts/like': {
    post: {
      tags: ['Posts, likes, search'],
      operationId: 'toggleLike',
      summary: 'Toggles a like, atomically',
      description:
        'Concurrent toggles are made one after the other: an even number of them restores the state. The post need not exist here.',
      security: anyKey,
      requestBody: {
        required: true,
        content: { 'application/json': { schema: toggleBody, example: { userId: 42, postId: 7 } } },
      },
      responses: { ...answer(true), ...problems(413, 415) },
    },
  },
  '/api/posts/{postId}/likes/{userId}': { put: byPath(true), delete: byPath(false) },
};
