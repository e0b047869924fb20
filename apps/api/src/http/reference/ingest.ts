import { sentAt } from '@event-tracker/domain';
import { z } from 'zod';
import type { ZodOpenApiOperationObject, ZodOpenApiPathsObject } from 'zod-openapi';
import { clickExample, event, likeExample, searchExample } from './events.ts';
import { problems } from './problems.ts';
import { anyKey } from './security.ts';

const eventId = z.string().meta({ format: 'uuid' });
const fieldErrors = z.array(z.object({ path: z.string(), message: z.string() }));

const batchAnswer = z
  .object({
    accepted: z.int().meta({ description: 'Duplicates included.' }),
    rejected: z.int(),
    results: z
      .array(
        z.discriminatedUnion('status', [
          z.object({ index: z.int(), status: z.enum(['accepted', 'duplicate']), eventId }),
          z.object({ index: z.int(), status: z.literal('rejected'), errors: fieldErrors }),
          z.object({ index: z.int(), status: z.literal('busy') }),
        ]),
      )
      .meta({
        description:
          'One for each event, in order. `duplicate`: the same `eventId` was accepted earlier in this very batch. ' +
          '`busy`: too much is waiting; send it again later.',
      }),
  })
  .meta({ id: 'BatchAnswer' });

const bodyLimits =
  'At most 1 MiB as sent and 8 MiB after decompression (`gzip`, `x-gzip`, `br`, `deflate`, raw deflate, `zstd`).';

const refusals = problems(401, 413, 415, 429, [
  503,
  'No lane can make the event durable now, or too much is waiting. Send it again later, under its `eventId`.',
]);

const one: ZodOpenApiOperationObject = {
  tags: ['Sending events'],
  summary: 'Sends one event',
  description: `\`202\` means that the event is durable. ${bodyLimits}`,
  security: anyKey,
  requestBody: {
    required: true,
    content: {
      'application/json': {
        schema: event,
        examples: {
          search: { value: searchExample },
          click: { value: clickExample },
          like: { value: likeExample },
        },
      },
      'text/plain': {
        schema: z.string().meta({ description: 'The same JSON: what `navigator.sendBeacon` sends.' }),
        example: JSON.stringify(searchExample),
      },
    },
  },
  responses: {
    '202': {
      description: 'The event is durable.',
      content: {
        'application/json': {
          schema: z.object({ eventId }).meta({ id: 'Accepted' }),
          example: { eventId: clickExample.eventId },
        },
      },
    },
    ...problems([400, 'The event is not valid; `errors` lists all that is wrong.']),
    ...refusals,
  },
};

const batch: ZodOpenApiOperationObject = {
  tags: ['Sending events'],
  summary: 'Sends 1 to 1,000 events, each with a result of its own',
  description: `A bad event does not hold up the rest. ${bodyLimits}`,
  security: anyKey,
  requestBody: {
    required: true,
    content: {
      'application/json': {
        schema: z.union([
          z.strictObject({ sentAt: sentAt.optional(), events: z.array(event).min(1).max(1000) }),
          z.array(event).min(1).max(1000),
        ]),
        examples: {
          object: { value: { events: [searchExample, clickExample] } },
          array: { value: [searchExample, likeExample] },
        },
      },
      'text/plain': {
        schema: z.string().meta({ description: 'The same JSON: what `navigator.sendBeacon` sends.' }),
        example: JSON.stringify({ events: [searchExample] }),
      },
      'application/x-ndjson': {
        schema: z.string().meta({
          description: 'One event a line; blank lines are skipped, a broken line is one rejected event.',
        }),
        example: `${JSON.stringify(searchExample)}\n${JSON.stringify(clickExample)}\n`,
      },
    },
  },
  responses: {
    '202': {
      description: 'What became of each event. What is accepted is durable.',
      content: {
        'application/json': {
          schema: batchAnswer,
          example: {
            accepted: 1,
            rejected: 1,
            results: [
              { index: 0, status: 'accepted', eventId: clickExample.eventId },
              {
                index: 1,
                status: 'rejected',
                errors: [{ path: 'metadata.keyword', message: 'is required' }],
              },
            ],
          },
        },
      },
    },
    ...problems([400, 'Every event is rejected, with paths such as `events[3].metadata.keyword`.']),
    ...refusals,
  },
};

export const ingestPaths: ZodOpenApiPathsObject = {
  '/api/events': { post: { ...one, operationId: 'sendEvent' } },
  '/api/users/events': {
    post: { ...one, operationId: 'sendUserEvent', summary: 'The same as POST /api/events' },
  },
  '/api/events/batch': { post: { ...batch, operationId: 'sendEvents' } },
};
