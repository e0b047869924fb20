import { keywordText } from '@event-tracker/domain';
import { type Request, type Response, Router } from 'express';
import { z } from 'zod';
import type { RecordSearch } from '../ingest/record-search.ts';
import type { PostsDesk } from '../reads/posts.ts';
import type { RecentKeywordsReader } from '../reads/recent-keywords.ts';
import { onlyMethods } from './only-methods.ts';
import { parsePath } from './path-params.ts';
import { postAnswer, postAnswerOf } from './post-answer.ts';
import { idText, limitText, parseQuery } from './query.ts';

export const searchQuery = z.object({ userId: idText, keyword: keywordText, limit: limitText(10) });

export const searchAnswer = z.array(postAnswer);

export const recentPath = z.object({ userId: idText });

export const recentAnswer = z.object({ keyword: z.array(z.string()) });

export interface SearchRoutesDeps {
  posts: PostsDesk;
  recordSearch: RecordSearch;
  recentKeywords: RecentKeywordsReader;
}

export function searchRoutes({ posts, recordSearch, recentKeywords }: SearchRoutesDeps): Router {
  const router = Router();

  router
    .route('/')
    .get(async (request: Request, response: Response) => {
      const { userId, keyword, limit } = parseQuery(searchQuery, request);
      // A HEAD asks about the answer: nobody searches.
      if (request.method === 'GET') recordSearch(userId, keyword);
      const { value, servedBy } = await posts.search(keyword, limit);
      response
        .set('x-served-by', servedBy)
        .json(value.map(postAnswerOf) satisfies z.infer<typeof searchAnswer>);
    })
    .all(onlyMethods('GET'));

  router
    .route('/recent/:userId')
    .get(async (request: Request<{ userId: string }>, response: Response) => {
      parseQuery(z.object({}), request as unknown as Request);
      const { userId } = parsePath(recentPath, request.params);
      const { value, servedBy } = await recentKeywords(userId);
      response.set('x-served-by', servedBy).json({ keyword: value } satisfies z.infer<typeof recentAnswer>);
    })
    .all(onlyMethods('GET'));

  return router;
}
