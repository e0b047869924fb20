import { id, type LikeWish } from '@event-tracker/domain';
import { type Request, type Response, Router } from 'express';
import { z } from 'zod';
import type { LikeDesk } from '../ingest/like-desk.ts';
import { parseBody } from './json-body.ts';
import { onlyMethods } from './only-methods.ts';
import { parsePath } from './path-params.ts';
import { unavailable } from './problem.ts';
import { idText, parseQuery } from './query.ts';
import type { BodyLimits } from './read-body.ts';

export const toggleBody = z.strictObject({ userId: id, postId: id });

export const likePath = z.object({ postId: idText, userId: idText });

export const likeAnswer = z.object({
  postId: id,
  userId: id,
  liked: z.boolean(),
  /** Likes of the post that stand. */
  likeCount: z.int().nonnegative(),
});

export interface LikeRoutesDeps {
  likes: LikeDesk;
  bodyLimits: BodyLimits;
}

/** Under /api/posts. */
export function likeRoutes({ likes, bodyLimits }: LikeRoutesDeps): Router {
  const router = Router();

  async function answer(response: Response, wish: Omit<LikeWish, 'receivedAt'>): Promise<void> {
    const outcome = await likes.submit(wish);
    if (outcome.status !== 'done') throw unavailable(outcome.reason);
    const { postId, userId } = wish;
    const { liked, likeCount } = outcome.answer;
    response.json({ postId, userId, liked, likeCount } satisfies z.infer<typeof likeAnswer>);
  }

  const byPath =
    (wish: LikeWish['wish']) =>
    async (request: Request<{ postId: string; userId: string }>, response: Response) => {
      parseQuery(z.object({}), request as unknown as Request);
      await answer(response, { ...parsePath(likePath, request.params), wish });
    };

  router
    .route('/like')
    .post(async (request: Request, response: Response) => {
      parseQuery(z.object({}), request);
      await answer(response, { ...(await parseBody(toggleBody, request, bodyLimits)), wish: 'toggle' });
    })
    .all(onlyMethods('POST'));

  router
    .route('/:postId/likes/:userId')
    .put(byPath('like'))
    .delete(byPath('unlike'))
    .all(onlyMethods('PUT', 'DELETE'));

  return router;
}
