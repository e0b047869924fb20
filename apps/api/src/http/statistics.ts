import {
  type EventType,
  eventTypes,
  isEventType,
  keywordText,
  type StatisticsWindow,
  type SubjectKind,
  statisticsWindows,
  strategies,
} from '@event-tracker/domain';
import { type Request, type Response, Router } from 'express';
import { z } from 'zod';
import type { Statistics } from '../reads/statistics.ts';
import { onlyMethods } from './only-methods.ts';
import { Problem } from './problem.ts';
import { idText, limitText, parseQuery } from './query.ts';

const eventType = z
  .string()
  .transform((text) => text.toUpperCase())
  .refine(isEventType, `must be one of ${eventTypes.join(', ')}`)
  .transform((text) => text as EventType);

const window = z.enum(statisticsWindows as [StatisticsWindow, ...StatisticsWindow[]]).default('1h');

const countQuery = z.object({
  eventType,
  componentId: idText.optional(),
  keyword: keywordText.optional(),
  postId: idText.optional(),
  window,
});

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
      const { eventType: type, window, ...filter } = parseQuery(countQuery, request);
      const required = filterOf[strategies[type].subjectKind];
      if (filter[required] === undefined) {
        const errors = [{ path: required, message: `is required for ${type}` }];
        throw new Problem(400, 'the query is not valid', { errors });
      }
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
