import { type Request, type Response, Router } from 'express';
import { z } from 'zod';
import type { RecentKeywordsReader } from '../reads/recent-keywords.ts';
import { onlyMethods } from './only-methods.ts';
import { parsePath } from './path-params.ts';
import { idText, parseQuery } from './query.ts';

export const recentPath = z.object({ userId: idText });

export function searchRoutes({ recentKeywords }: { recentKeywords: RecentKeywordsReader }): Router {
  const router = Router();
  router
    .route('/recent/:userId')
    .get(async (request: Request<{ userId: string }>, response: Response) => {
      parseQuery(z.object({}), request as Request);
      const { userId } = parsePath(recentPath, request.params);
      const { value, servedBy } = await recentKeywords(userId);
      response.set('x-served-by', servedBy).json({ keyword: value });
    })
    .all(onlyMethods('GET'));
  return router;
}
