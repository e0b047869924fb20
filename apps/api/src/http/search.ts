import { type Request, type Response, Router } from 'express';
import { z } from 'zod';
import type { RecentKeywordsReader } from '../reads/recent-keywords.ts';
import { onlyMethods } from './only-methods.ts';
import { Problem } from './problem.ts';
import { idText, parseQuery } from './query.ts';

export function searchRoutes({ recentKeywords }: { recentKeywords: RecentKeywordsReader }): Router {
  const router = Router();
  router
    .route('/recent/:userId')
    .get(async (request: Request<{ userId: string }>, response: Response) => {
      parseQuery(z.object({}), request as Request);
      const userId = idText.safeParse(request.params.userId);
      if (!userId.success) {
        const errors = userId.error.issues.map(({ message }) => ({ path: 'userId', message }));
        throw new Problem(400, 'the path is not valid', { errors });
      }
      const { value, servedBy } = await recentKeywords(userId.data);
      response.set('x-served-by', servedBy).json({ keyword: value });
    })
    .all(onlyMethods('GET'));
  return router;
}
