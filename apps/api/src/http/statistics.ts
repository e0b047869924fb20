import {
  type FieldError,
  readEventType,
  type SubjectKind,
  seriesSpan,
  strategies,
  subjectId,
} from '@event-tracker/domain';
import { type Request, type Response, Router } from 'express';
import type { z } from 'zod';
import type { Statistics } from '../reads/statistics.ts';
import { onlyMethods } from './only-methods.ts';
import { parseQuery } from './query.ts';
import {
  type componentsTopAnswer,
  componentsTopQuery,
  type countAnswer,
  countQuery,
  type keywordsTopAnswer,
  keywordsTopQuery,
  type postsTopAnswer,
  postsTopQuery,
  type timeSeriesAnswer,
  timeSeriesQuery,
} from './statistics-schemas.ts';
import { rangeErrors } from './time-series-range.ts';

/** The filter without which a count of a type would say nothing. */
const filterOf = { component: 'componentId', keyword: 'keyword', post: 'postId' } as const satisfies Record<
  SubjectKind,
  string
>;

/** Told together with what else is wrong: hence by what was given, not by what was parsed. */
function missingFilter(query: Request['query']): FieldError[] {
  const type = readEventType(query.eventType);
  if (type === undefined) return [];
  const path = filterOf[strategies[type].subjectKind];
  return query[path] === undefined ? [{ path, message: `is required for ${type}` }] : [];
}

export function statisticsRoutes({ statistics }: { statistics: Statistics }): Router {
  const router = Router();
  const get = (path: string, answer: (request: Request, response: Response) => Promise<void>) =>
    router.route(path).get(answer).all(onlyMethods('GET'));

  get('/', async (request, response) => {
    const query = parseQuery(countQuery, request, missingFilter(request.query));
    const { eventType, window, ...filter } = query;
    const { value, servedBy } = await statistics.count(eventType, filter, window);
    const body: z.infer<typeof countAnswer> = { count: value };
    response.set('x-served-by', servedBy).json(body);
  });

  get('/keywords/top', async (request, response) => {
    const { window, limit } = parseQuery(keywordsTopQuery, request);
    const { value, servedBy } = await statistics.ranking('SEARCH', window, limit);
    const keywords = value.map(({ subject, count }) => ({ keyword: subject, count }));
    const body: z.infer<typeof keywordsTopAnswer> = { window, keywords };
    response.set('x-served-by', servedBy).json(body);
  });

  get('/posts/top', async (request, response) => {
    const { window, limit } = parseQuery(postsTopQuery, request);
    const { value, servedBy } = await statistics.ranking('LIKE', window, limit);
    const posts = value.map(({ subject, count }) => ({ postId: subjectId(subject), count }));
    const body: z.infer<typeof postsTopAnswer> = { window, posts };
    response.set('x-served-by', servedBy).json(body);
  });

  get('/components/top', async (request, response) => {
    const { eventType, window, limit } = parseQuery(componentsTopQuery, request);
    const { value, servedBy } = await statistics.ranking(eventType, window, limit);
    const components = value.map(({ subject, count }) => ({ componentId: subjectId(subject), count }));
    const body: z.infer<typeof componentsTopAnswer> = { window, components };
    response.set('x-served-by', servedBy).json(body);
  });

  get('/timeseries', async (request, response) => {
    const query = parseQuery(timeSeriesQuery, request, rangeErrors(request.query));
    const { eventType, from, to, interval, ...filter } = query;
    const { value, servedBy } = await statistics.series(eventType, filter, seriesSpan(from, to, interval));
    const points = value.map(({ at, count }) => ({ at: new Date(at).toISOString(), count }));
    const body: z.infer<typeof timeSeriesAnswer> = { interval, points };
    response.set('x-served-by', servedBy).json(body);
  });

  return router;
}
