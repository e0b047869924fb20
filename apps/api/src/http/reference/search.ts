import { z } from 'zod';
import type { ZodOpenApiPathsObject } from 'zod-openapi';
import { idText } from '../query.ts';
import { servedBy } from './headers.ts';
import { problems } from './problems.ts';
import { anyKey } from './security.ts';

export const searchPaths: ZodOpenApiPathsObject = {
  '/api/search/recent/{userId}': {
    get: {
      tags: ['Posts, likes, search'],
      operationId: 'recentKeywords',
      summary: "A user's keywords of the last hour",
      description: 'Latest first, no repeats, at most 10; of every `SEARCH` event with a `userId`.',
      security: anyKey,
      requestParams: { path: z.object({ userId: idText }) },
      responses: {
        '200': {
          description: 'The keywords.',
          headers: servedBy('redis', 'postgres'),
          content: {
            'application/json': {
              schema: z.object({ keyword: z.array(z.string()).max(10) }),
              example: { keyword: ['고양이', 'tea'] },
            },
          },
        },
        ...problems(400, 401, 429, 503),
      },
    },
  },
};
