import { z } from 'zod';
import type { ZodOpenApiPathsObject } from 'zod-openapi';
import { listQuery, replayBody } from '../dead-letters.ts';
import { problems } from './problems.ts';
import { adminToken } from './security.ts';

const deadLetter = z
  .object({
    id: z.int(),
    kind: z.enum(['event', 'change']).meta({
      description: '`change`: what could not be added up to the statistics, of events that are stored.',
    }),
    event: z.unknown().meta({
      description:
        'As a client sends it; of a job that no worker can read, the job as it is; `null` of a change.',
    }),
    change: z.unknown().optional().meta({
      description: 'What a count or a like lacks until it is replayed.',
    }),
    reason: z.string(),
    code: z.string().meta({
      description:
        "PostgreSQL's SQLSTATE, or a word such as `timeout`, `undecodable`, `unknown-version`, `unknown-type` or `too-old`.",
    }),
    at: z.iso.datetime(),
    attempts: z.int(),
    replayedAt: z.iso.datetime().nullable(),
  })
  .meta({ id: 'DeadLetter' });

const storesAway = problems(401, 403, [503, 'PostgreSQL is away.']);

export const deadLetterPaths: ZodOpenApiPathsObject = {
  '/admin/dead-letters': {
    get: {
      tags: ['Operations'],
      operationId: 'listDeadLetters',
      summary: 'Events that could not be committed, and changes that could not be added up, newest first',
      security: adminToken,
      requestParams: { query: listQuery },
      responses: {
        '200': {
          description: 'A page of them.',
          content: {
            'application/json': {
              schema: z.object({
                deadLetters: z.array(deadLetter),
                nextCursor: z.string().nullable().meta({
                  description: 'The `cursor` of the next page; `null` on the last.',
                }),
              }),
              example: {
                deadLetters: [
                  {
                    id: 3,
                    kind: 'event',
                    event: { eventType: 'CLICK', sessionId: 's-1', metadata: { componentId: 1002 } },
                    reason: 'value too long for type character varying(64)',
                    code: '22001',
                    at: '2026-11-22T10:34:00.000Z',
                    attempts: 2,
                    replayedAt: null,
                  },
                ],
                nextCursor: null,
              },
            },
          },
        },
        ...problems(400),
        ...storesAway,
      },
    },
  },
  '/admin/dead-letters/replay': {
    post: {
      tags: ['Operations'],
      operationId: 'replayDeadLetters',
      summary: 'Takes dead letters anew',
      description:
        'Each once, however often it is asked for; at most 1,000 a call, oldest first: an event is put on a lane again, a change ' +
        'is added up. With `dryRun` they are counted alone.',
      security: adminToken,
      requestBody: {
        required: true,
        content: {
          'application/json': {
            schema: replayBody,
            examples: {
              some: { value: { ids: [3, 4] } },
              'those of a reason': { value: { filter: { reason: '22001' }, dryRun: true } },
            },
          },
        },
      },
      responses: {
        '200': {
          description: 'How many fit, and how many of these were taken anew.',
          content: {
            'application/json': {
              schema: z.object({ matched: z.int(), replayed: z.int() }),
              example: { matched: 2, replayed: 2 },
            },
          },
        },
        ...problems(400, 413, 415),
        ...storesAway,
      },
    },
  },
};
