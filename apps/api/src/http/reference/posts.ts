import type { ZodOpenApiPathsObject } from 'zod-openapi';
import { postAnswer } from '../post-answer.ts';
import { popularAnswer, popularQuery, postBody, postPath } from '../posts.ts';
import { servedBy } from './headers.ts';
import { problems } from './problems.ts';
import { anyKey } from './security.ts';

export const post = postAnswer.meta({ id: 'Post' });

export const postExample = {
  postId: 7,
  userId: 42,
  content: 'Two cats and a teapot',
  imageUrls: ['https://images.example/7.jpg'],
  hashtags: ['고양이', 'tea'],
  createdAt: '2026-11-22T10:34:00.000Z',
  updatedAt: '2026-11-22T10:34:00.000Z',
  likeCount: 12,
};

const about = { tags: ['Posts, likes, search'], security: anyKey };
const refusals = problems(400, 401, 429, [503, 'PostgreSQL is away.']);

export const postPaths: ZodOpenApiPathsObject = {
  '/api/posts': {
    post: {
      ...about,
      operationId: 'createPost',
      summary: 'Creates a post',
      requestBody: {
        required: true,
        content: {
          'application/json': {
            schema: postBody,
            example: {
              userId: 42,
              content: postExample.content,
              imageUrls: postExample.imageUrls,
              hashtags: postExample.hashtags,
            },
          },
        },
      },
      responses: {
        '201': {
          description: 'The post.',
          headers: { location: { schema: { type: 'string' }, example: '/api/posts/7' } },
          content: { 'application/json': { schema: post, example: { ...postExample, likeCount: 0 } } },
        },
        ...refusals,
        ...problems(413, 415),
      },
    },
  },
  '/api/posts/{postId}': {
    get: {
      ...about,
      operationId: 'readPost',
      summary: 'A post',
      requestParams: { path: postPath },
      responses: {
        '200': {
          description: 'The post.',
          content: { 'application/json': { schema: post, example: postExample } },
        },
        ...problems([404, 'There is no such post.']),
        ...refusals,
      },
    },
  },
  '/api/posts/popular': {
    get: {
      ...about,
      operationId: 'popularPosts',
      summary: 'Posts by likes that stand and were given within the window',
      description:
        'Most first, ties by newer post; decided by PostgreSQL over the posts it has. May be 70 s old.',
      requestParams: { query: popularQuery },
      responses: {
        '200': {
          description: 'The ranking.',
          headers: servedBy('cache', 'postgres'),
          content: {
            'application/json': {
              schema: popularAnswer,
              example: { window: '24h', posts: [{ ...postExample, windowLikes: 5 }] },
            },
          },
        },
        ...refusals,
      },
    },
  },
};
