import {
  eventTypes,
  type FieldError,
  keywordText,
  readEventType,
  type StatisticsWindow,
  type SubjectKind,
  statisticsWindows,
  strategies,
} from '@event-tracker/domain';
import { type Request, type Response, Router } from 'express';
import { z } from 'zod';
import type { Statistics } from '../reads/statistics.ts';
import { onlyMethods } from './only-methods.ts';
import { idText, limitText, parseQuery } from './query.ts';

const eventType = z.string().transform((text, context) => {
  const type = readEventType(text);
  if (type === undefined)
    context.addIssue({ code: 'custom', message: `must be one of ${eventTypes.join(', ')}` });
  return type ?? z.NEVER;
});

const window = z.enum(statisticsWindows as [StatisticsWindow, ...StatisticsWindow[]]).default('1h');

const countQuery = z.object({
  eventType,
  componentId: idText.optional(),
  keyword: keywordText.optional(),
  postId: idText.optional(),
  window,
});

/** Told together with what else is wrong: hence by what was given, not by what was parsed. */
function missingFilter(query: Request['query']): FieldError[] {
  const type = readEventType(query.eventType);
  if (type === undefined) return [];
  const path = filterOf[strategies[type].subjectKind];
  return query[path] === undefined ? [{ path, message: `is required for ${type}` }] : [];
}

const keywordsQuery = z.object({ window, limit: limitText(5) });

/** The filter without which a count of a type would say nothing. */
const filterOf = { component: 'componentId', keyword: 'keyword', post: 'postId' } as const satisfies Record<
  SubjectKind,
  string
>;

export function statisticsRoutes({ statistics }: { statistics: Statistics }): Router {
  const router = Router();

  router
    .route('/')
    .get(async (request: Request, response: Response) => {
      const {
        eventType: type,
        window,
        ...filter
      } = parseQuery(countQuery, request, missingFilter(request.query));
      const { value, servedBy } = await statistics.count(type, filter, window);
      response.set('x-served-by', servedBy).json({ count: value });
    })
    .all(onlyMethods('GET'));

  router
    .route('/keywords/top')
    .get(async (request: Request, response: Response) => {
      const { window, limit } = parseQuery(keywordsQuery, request);
      const { value, servedBy } = await statistics.ranking('SEARCH', window, limit);
      const keywords = value.map(({ subject, count }) => ({ keyword: subject, count }));
      response.set('x-served-by', servedBy).json({ window, keywords });
    })
    .all(onlyMethods('GET'));

  return router;
}
