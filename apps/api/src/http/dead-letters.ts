import { json, type Request, type Response, Router } from 'express';
import { z } from 'zod';
import type { DeadLettersDesk } from '../reads/dead-letters.ts';
import { onlyMethods } from './only-methods.ts';
import { Problem } from './problem.ts';
import { eventTypeText, idText, integerText, momentText, parseQuery } from './query.ts';

const filter = {
  // PostgreSQL takes no NUL in a text.
  reason: z
    .string()
    .min(1)
    .max(200)
    .refine((text) => text.isWellFormed() && !text.includes('\0'), 'must not hold a NUL or a lone surrogate')
    .optional(),
  eventType: eventTypeText.optional(),
  from: momentText.optional(),
  to: momentText.optional(),
};

export const listQuery = z.object({
  ...filter,
  limit: integerText(1, 100).default(50),
  cursor: idText.optional(),
});

const idsMax = 1000;

export const replayBody = z
  .strictObject({
    ids: z.array(z.int().positive()).min(1).max(idsMax).optional(),
    filter: z.strictObject(filter).optional(),
    dryRun: z.boolean().default(false),
  })
  .refine(({ ids, filter: by }) => (ids === undefined) !== (by === undefined), {
    path: ['ids'],
    message: 'give either ids or a filter',
  });

export function deadLetterRoutes({ deadLetters }: { deadLetters: DeadLettersDesk }): Router {
  const router = Router();

  router
    .route('/')
    .get(async (request: Request, response: Response) => {
      const { limit, cursor, ...by } = parseQuery(listQuery, request);
      response.json(await deadLetters.list(by, cursor, limit));
    })
    .all(onlyMethods('GET'));

  router
    .route('/replay')
    .post(json({ limit: '100kb' }), async (request: Request, response: Response) => {
      const parsed = replayBody.safeParse(request.body);
      if (!parsed.success) {
        const errors = parsed.error.issues.flatMap((issue) =>
          issue.code === 'unrecognized_keys'
            ? issue.keys.map((key) => ({
                path: [...issue.path, key].join('.'),
                message: 'is not a known field',
              }))
            : [{ path: issue.path.join('.'), message: issue.message }],
        );
        throw new Problem(400, 'the replay is not valid', { errors });
      }
      const { ids, filter: by, dryRun } = parsed.data;
      response.json(await deadLetters.replay(ids ? { ids } : { filter: by! }, dryRun));
    })
    .all(onlyMethods('POST'));

  return router;
}
