import { id, listOf, textWithin } from '@event-tracker/domain';
import { type Request, type Response, Router } from 'express';
import { z } from 'zod';
import type { DeadLettersDesk } from '../reads/dead-letters.ts';
import { parseBody } from './json-body.ts';
import { onlyMethods } from './only-methods.ts';
import { eventTypeText, idText, integerText, momentText, parseQuery } from './query.ts';
import type { BodyLimits } from './read-body.ts';

const filter = {
  reason: textWithin(1, 200).optional(),
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
const idsNumber = `must be 1 to ${idsMax} ids`;

export const replayBody = z
  .strictObject({
    ids: listOf(id, { minimum: 1, maximum: idsMax, message: idsNumber }).optional(),
    filter: z.strictObject(filter).optional(),
    dryRun: z.boolean().default(false),
  })
  .refine(({ ids, filter: by }) => (ids === undefined) !== (by === undefined), {
    path: ['ids'],
    message: 'give either ids or a filter',
  });

export interface DeadLettersDeps {
  deadLetters: DeadLettersDesk;
  bodyLimits: BodyLimits;
}

export function deadLetterRoutes({ deadLetters, bodyLimits }: DeadLettersDeps): Router {
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
    .post(async (request: Request, response: Response) => {
      const { ids, filter: by, dryRun } = await parseBody(replayBody, request, bodyLimits);
      response.json(await deadLetters.replay(ids ? { ids } : { filter: by! }, dryRun));
    })
    .all(onlyMethods('POST'));

  return router;
}
