import type { z } from 'zod';
import type { ZodOpenApiPathItemObject, ZodOpenApiPathsObject } from 'zod-openapi';
import * as schemas from '../statistics-schemas.ts';
import { servedBy } from './headers.ts';
import { problems } from './problems.ts';
import { anyKey } from './security.ts';

interface Statistic<Answer extends z.ZodType> {
  operationId: string;
  summary: string;
  description: string;
  query: z.ZodObject;
  answer: Answer;
  example: z.output<Answer>;
}

const statistic = <Answer extends z.ZodType>({
  query,
  answer,
  example,
  ...about
}: Statistic<Answer>): ZodOpenApiPathItemObject => ({
  get: {
    tags: ['Statistics'],
    ...about,
    security: anyKey,
    requestParams: { query },
    responses: {
      '200': {
        description: 'The numbers.',
        headers: servedBy('redis', 'postgres'),
        content: { 'application/json': { schema: answer, example } },
      },
      ...problems(400, 401, 429, 503),
    },
  },
});

export const statisticsPaths: ZodOpenApiPathsObject = {
  '/api/statistics': statistic({
    operationId: 'count',
    summary: 'A count of events',
    description:
      'Every filter that is given applies. `UNLIKE` counts what took effect, `LIKE` likes less unlikes that took effect, ' +
      'never below zero; the others count events. Never cached.',
    query: schemas.countQuery,
    answer: schemas.countAnswer,
    example: { count: 42 },
  }),
  '/api/statistics/keywords/top': statistic({
    operationId: 'topKeywords',
    summary: 'What is searched for most',
    description: 'Highest first, ties in code point order. At most 250 ms old.',
    query: schemas.keywordsTopQuery,
    answer: schemas.keywordsTopAnswer,
    example: { window: '1h', keywords: [{ keyword: '고양이', count: 12 }] },
  }),
  '/api/statistics/posts/top': statistic({
    operationId: 'topPosts',
    summary: 'Posts that gained the most likes',
    description:
      'By likes less unlikes that took effect in the window, above zero only, ties by higher id. At most 250 ms old.',
    query: schemas.postsTopQuery,
    answer: schemas.postsTopAnswer,
    example: { window: '1h', posts: [{ postId: 7, count: 12 }] },
  }),
  '/api/statistics/components/top': statistic({
    operationId: 'topComponents',
    summary: 'Components that are clicked or seen most',
    description: 'Of `CLICK` or `PAGE_VIEW`. Highest first, ties by lower id. At most 250 ms old.',
    query: schemas.componentsTopQuery,
    answer: schemas.componentsTopAnswer,
    example: { window: '1h', components: [{ componentId: 1002, count: 12 }] },
  }),
  '/api/statistics/timeseries': statistic({
    operationId: 'timeSeries',
    summary: 'Counts over time, by minute, hour or day',
    description:
      'Empty buckets are there, as 0. At most 2,000 points. `LIKE` and `UNLIKE` each count what took effect.',
    query: schemas.timeSeriesQuery,
    answer: schemas.timeSeriesAnswer,
    example: { interval: 'hour', points: [{ at: '2026-11-22T10:00:00.000Z', count: 12 }] },
  }),
};
