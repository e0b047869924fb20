import { newPost, type PopularWindow, popularWindows } from '@event-tracker/domain';
import type { PopularPost } from '@event-tracker/storage';
import { type Request, type Response, Router } from 'express';
import { z } from 'zod';
import type { PostsDesk } from '../reads/posts.ts';
import { parseBody } from './json-body.ts';
import { createListTexts } from './list-texts.ts';
import { onlyMethods } from './only-methods.ts';
import { parsePath } from './path-params.ts';
import { postAnswer, postAnswerOf } from './post-answer.ts';
import { Problem } from './problem.ts';
import { idText, limitText, parseQuery } from './query.ts';
import type { BodyLimits } from './read-body.ts';
import { createQueryReader, type Read, type Reads } from './reads-first.ts';

export const postBody = newPost;

export const postPath = z.object({ postId: idText });

const window = z.enum(popularWindows as [PopularWindow, ...PopularWindow[]]);

export const popularQuery = z.object({ window: window.default('24h'), limit: limitText(10) });

export const popularAnswer = z.object({
  window,
  /** `windowLikes`: likes that stand and were given within the window. */
  posts: z.array(postAnswer.extend({ windowLikes: z.int().positive() })),
});

export interface PostRoutesDeps {
  posts: PostsDesk;
  bodyLimits: BodyLimits;
  /** The public prefix: '' or such as '/et'. */
  basePath: string;
}

export function popularReads({ posts }: Pick<PostRoutesDeps, 'posts'>): Reads {
  const readQuery = createQueryReader(popularQuery);
  const textOf = createListTexts<PopularPost>((ranked) =>
    JSON.stringify(
      ranked.map((post) => ({ ...postAnswerOf(post), windowLikes: post.windowLikes })) satisfies z.infer<
        typeof popularAnswer
      >['posts'],
    ),
  );
  const popular: Read = async (search) => {
    const { window: asked, limit } = readQuery(search);
    const { value, servedBy } = await posts.popular(asked, limit);
    return { json: `{"window":"${asked}","posts":${textOf(value, limit)}}`, servedBy };
  };
  return new Map([['/api/posts/popular', popular]]);
}

/** Under /api/posts. */
export function postRoutes({ posts, bodyLimits, basePath }: PostRoutesDeps): Router {
  const router = Router();

  router
    .route('/')
    .post(async (request: Request, response: Response) => {
      parseQuery(z.object({}), request);
      const post = await posts.create(await parseBody(postBody, request, bodyLimits));
      response.status(201).location(`${basePath}/api/posts/${post.postId}`).json(postAnswerOf(post));
    })
    .all(onlyMethods('POST'));

  router
    .route('/:postId')
    .get(async (request: Request<{ postId: string }>, response: Response) => {
      parseQuery(z.object({}), request as unknown as Request);
      const post = await posts.find(parsePath(postPath, request.params).postId);
      if (post === undefined) throw new Problem(404, 'there is no such post');
      response.json(postAnswerOf(post));
    })
    .all(onlyMethods('GET'));

  return router;
}
