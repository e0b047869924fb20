import { z } from 'zod';
import type { ZodOpenApiPathsObject } from 'zod-openapi';
import { streamQuery } from '../stream-schemas.ts';
import { problems } from './problems.ts';
import { anyKey } from './security.ts';

const example =
  'data: {"at":"2026-11-22T10:34:00.000Z","perSecond":{"CLICK":3,"PAGE_VIEW":5,"SEARCH":1,"LIKE":2,"UNLIKE":0},' +
  '"lanes":[{"name":"fast","waiting":0,"oldestSeconds":0},{"name":"durable","waiting":0,"oldestSeconds":0},' +
  '{"name":"fold","waiting":9,"oldestSeconds":0.02}],"workers":1,' +
  '"breakers":{"fast":"closed","durable":"closed"},"hasEvents":true,"window":"1h",' +
  '"keywords":[{"keyword":"고양이","count":12}],"posts":[{"postId":7,"count":4}],"source":"redis"}\n\n';

export const streamPaths: ZodOpenApiPathsObject = {
  '/api/stream': {
    get: {
      tags: ['Statistics'],
      operationId: 'stream',
      summary: 'The whole system, live: server-sent events, one about every second',
      description:
        'Each `data:` is one JSON object. A reader that is slow misses frames, and is not sent them later. Lines that ' +
        'begin with a colon are heartbeats.',
      security: anyKey,
      requestParams: { query: streamQuery },
      responses: {
        '200': {
          description: 'Frames, without end.',
          content: { 'text/event-stream': { schema: z.string(), example } },
        },
        ...problems(400, 401, 429, [503, 'As many streams are open as may be.']),
      },
    },
  },
};
