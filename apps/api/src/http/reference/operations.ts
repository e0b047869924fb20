import { z } from 'zod';
import type { ZodOpenApiPathsObject } from 'zod-openapi';
import { problems } from './problems.ts';
import { adminToken } from './security.ts';

const readinessAnswer = z
  .object({
    status: z.enum(['ready', 'degraded', 'unavailable']),
    dependencies: z.record(z.string(), z.enum(['up', 'down'])),
    reasons: z.array(z.string()).meta({ description: 'What is down, and why.' }),
  })
  .meta({ id: 'Readiness' });

const inLanes = { description: 'While a lane cannot be read it is `null`.' };

const count = z.int().nonnegative();
const lanesAnswer = z
  .object({
    lanes: z.array(
      z.object({
        name: z
          .enum(['fast', 'durable', 'quarantine', 'fold'])
          .describe('`fold`: what is committed, and waits to be added up.'),
        waiting: count
          .nullable()
          .describe(
            'Events of the batches that no worker holds; of `fold`, those that are in no statistic yet.',
          ),
        oldestSeconds: z
          .number()
          .nonnegative()
          .nullable()
          .describe(
            'Age of the oldest batch that is not completed, held ones included; of `fold`, of the oldest commit; 0 on an empty lane.',
          ),
        batches: z
          .object({
            waiting: count,
            held: count.describe('Workers have them.'),
            failed: count.describe('Wait for another try after one that failed.'),
          })
          .nullable()
          .describe('`fold` has none.'),
      }),
    ),
  })
  .meta({ id: 'Lanes' });

const ledgerAnswer = z
  .object({
    received: z.int(),
    duplicate: z.int(),
    stored: z.int(),
    dead: z.int(),
    inFlight: z.int().nullable().meta(inLanes),
    missing: z.int().nullable().meta(inLanes),
    balanced: z.boolean().nullable().meta(inLanes),
    reasons: z
      .array(z.string())
      .optional()
      .describe('While the books do not balance: which figure differs from what, and by how much.'),
  })
  .meta({ id: 'Ledger' });

const enteredAnswer = ledgerAnswer.omit({ balanced: true, reasons: true }).meta({ id: 'EnteredBooks' });

export const operationsPaths: ZodOpenApiPathsObject = {
  '/healthz': {
    get: {
      tags: ['Operations'],
      operationId: 'health',
      summary: 'Whether the process lives',
      security: [],
      responses: {
        '200': {
          description: 'It does.',
          content: {
            'application/json': {
              schema: z.object({ status: z.literal('ok') }),
              example: { status: 'ok' },
            },
          },
        },
      },
    },
  },
  '/readyz': {
    get: {
      tags: ['Operations'],
      operationId: 'readiness',
      summary: 'Whether events can be taken',
      description: 'Each dependency is asked with a time limit, so that one that hangs is seen.',
      security: [],
      responses: {
        '200': {
          description:
            'At least one lane is durable. `degraded`: something else is away, or does not hold what is promised: `reasons` says it.',
          content: {
            'application/json': {
              schema: readinessAnswer,
              example: {
                status: 'ready',
                dependencies: { redis: 'up', viewsRedis: 'up', postgres: 'up' },
                reasons: [],
              },
            },
          },
        },
        '503': {
          description: 'No lane is durable.',
          content: {
            'application/json': {
              schema: readinessAnswer,
              example: {
                status: 'unavailable',
                dependencies: { redis: 'down', postgres: 'down' },
                reasons: ['redis: is away', 'postgres: is away'],
              },
            },
          },
        },
      },
    },
  },
  '/metrics': {
    get: {
      tags: ['Operations'],
      operationId: 'metrics',
      summary: 'Metrics as Prometheus reads them',
      description: 'Open to everybody, or with `METRICS_AUTH=admin` for admin tokens alone.',
      security: adminToken,
      responses: {
        '200': {
          description: 'The text format; names begin with `event_tracker_`.',
          content: { 'text/plain': { schema: z.string() } },
        },
        ...problems(401, 403),
      },
    },
  },
  '/admin/ledger': {
    get: {
      tags: ['Operations'],
      operationId: 'readLedger',
      summary: 'The books, in events, since the database was made',
      description:
        'At any moment received = duplicate + stored + dead + in flight. `missing`: acknowledged, and neither received nor in flight.',
      security: adminToken,
      responses: {
        '200': {
          description: 'The books.',
          content: {
            'application/json': {
              schema: ledgerAnswer,
              example: {
                received: 120,
                duplicate: 3,
                stored: 116,
                dead: 1,
                inFlight: 0,
                missing: 0,
                balanced: true,
              },
            },
          },
        },
        ...problems(401, 403, [503, 'PostgreSQL is away.']),
      },
    },
  },
  '/admin/ledger/entered': {
    get: {
      tags: ['Operations'],
      operationId: 'readEnteredBooks',
      summary: 'The books as they were entered, without the rows that stand for them',
      description:
        'Costs the same however many events there are, so it may be asked again and again. Whether the rows agree `/admin/ledger` says.',
      security: adminToken,
      responses: {
        '200': {
          description: 'The books.',
          content: {
            'application/json': {
              schema: enteredAnswer,
              example: { received: 120, duplicate: 3, stored: 116, dead: 1, inFlight: 0, missing: 0 },
            },
          },
        },
        ...problems(401, 403, [503, 'PostgreSQL is away.']),
      },
    },
  },
  '/admin/lanes': {
    get: {
      tags: ['Operations'],
      operationId: 'readLanes',
      summary: 'How the lanes, the quarantine and the folds stand',
      description: 'What can not be read at the moment is `null`.',
      security: adminToken,
      responses: {
        '200': {
          description: 'The lanes.',
          content: {
            'application/json': {
              schema: lanesAnswer,
              example: {
                lanes: [
                  {
                    name: 'fast',
                    waiting: 500,
                    oldestSeconds: 0.4,
                    batches: { waiting: 1, held: 2, failed: 0 },
                  },
                  {
                    name: 'durable',
                    waiting: 0,
                    oldestSeconds: 0,
                    batches: { waiting: 0, held: 0, failed: 0 },
                  },
                  { name: 'quarantine', waiting: null, oldestSeconds: null, batches: null },
                  { name: 'fold', waiting: 40, oldestSeconds: 0.03, batches: null },
                ],
              },
            },
          },
        },
        ...problems(401, 403),
      },
    },
  },
  '/admin/queues': {
    get: {
      tags: ['Operations'],
      operationId: 'queueBoard',
      summary: 'The queue board, a page: what waits, is worked on, has failed',
      security: adminToken,
      responses: {
        '200': { description: 'The page.', content: { 'text/html': { schema: z.string() } } },
        ...problems(401, 403),
      },
    },
  },
};
