import { z } from 'zod';
import type { ZodOpenApiPathsObject } from 'zod-openapi';
import { recentAnswer, recentPath, searchQuery } from '../search.ts';
import { servedBy } from './headers.ts';
import { post, postExample } from './posts.ts';
import { problems } from './problems.ts';
import { anyKey } from './security.ts';

const about = { tags: ['Posts, likes, search'], security: anyKey };
const refusals = problems(400, 401, 429, 503);

export const searchPaths: ZodOpenApiPathsObject = {
  '/api/search': {
    get: {
      ...about,
      operationId: 'search',
      summary: 'Posts whose hashtags hold the keyword',
      description:
        'Most liked first, then newer. May be 70 s old. Records a `SEARCH` event of the user (session `user:ID`, ' +
        'component 1001), best effort, without making the reader wait.',
      requestParams: { query: searchQuery },
      responses: {
        '200': {
          description: 'The posts.',
          headers: servedBy('cache', 'postgres'),
          content: { 'application/json': { schema: z.array(post), example: [postExample] } },
        },
        ...refusals,
      },
    },
  },
  '/api/search/recent/{userId}': {
    get: {
      ...about,
      operationId: 'recentKeywords',
      summary: "A user's keywords of the last hour",
      description: 'Latest first, no repeats, at most 10; of every `SEARCH` event with a `userId`.',
      requestParams: { path: recentPath },
      responses: {
        '200': {
          description: 'The keywords.',
          headers: servedBy('redis', 'postgres'),
          content: { 'application/json': { schema: recentAnswer, example: { keyword: ['고양이', 'tea'] } } },
        },
        ...refusals,
      },
    },
  },
};
