import { keywordText } from '@event-tracker/domain';
import type { Post } from '@event-tracker/storage';
import { type Request, type Response, Router } from 'express';
import { z } from 'zod';
import type { RecordSearch } from '../ingest/record-search.ts';
import type { PostsDesk } from '../reads/posts.ts';
import type { RecentKeywordsReader } from '../reads/recent-keywords.ts';
import { createListTexts } from './list-texts.ts';
import { onlyMethods } from './only-methods.ts';
import { parsePath } from './path-params.ts';
import { postAnswer, postAnswerOf } from './post-answer.ts';
import { idText, limitText, parseQuery } from './query.ts';
import { createQueryReader, type Read, type Reads } from './reads-first.ts';

export const searchQuery = z.object({ userId: idText, keyword: keywordText, limit: limitText(10) });

export const searchAnswer = z.array(postAnswer);

export const recentPath = z.object({ userId: idText });

export const recentAnswer = z.object({ keyword: z.array(z.string()) });

export interface SearchRoutesDeps {
  posts: PostsDesk;
  recordSearch: RecordSearch;
  recentKeywords: RecentKeywordsReader;
}

export function searchReads({ posts, recordSearch }: SearchRoutesDeps): Reads {
  const readQuery = createQueryReader(searchQuery);
  const textOf = createListTexts<Post>((found) =>
    JSON.stringify(found.map(postAnswerOf) satisfies z.infer<typeof searchAnswer>),
  );
  const search: Read = async (text, method) => {
    const { userId, keyword, limit } = readQuery(text);
    // A HEAD asks about the answer: nobody searches.
    if (method === 'GET') recordSearch(userId, keyword);
    const { value, servedBy } = await posts.search(keyword, limit);
    return { json: textOf(value, limit), servedBy };
  };
  return new Map([['/api/search', search]]);
}

/** Under /api/search. */
export function searchRoutes({ recentKeywords }: Pick<SearchRoutesDeps, 'recentKeywords'>): Router {
  const router = Router();

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
