import { STATUS_CODES } from 'node:http';
import { adminRefusals } from '@event-tracker/runtime';
import { z } from 'zod';
import type { ZodOpenApiResponsesObject } from 'zod-openapi';

const fieldError = z.object({
  path: z.string().meta({ description: 'Such as `metadata.keyword` or `events[3].metadata.keyword`.' }),
  message: z.string(),
});

export const problem = z
  .object({
    type: z.string(),
    title: z.string().meta({ description: "The status's name." }),
    status: z.int().min(400).max(599),
    detail: z.string(),
    errors: z
      .array(fieldError)
      .meta({ description: 'Everything that is wrong, by path; not the first alone.' }),
    requestId: z.string(),
  })
  .meta({ id: 'Problem', description: 'RFC 9457.' });

interface Refusal {
  when: string;
  detail: string;
  errors?: z.infer<typeof fieldError>[];
  headers?: { [name: string]: z.ZodType };
}

const retryAfter = z.string().meta({ description: 'Seconds to wait before the next attempt.', example: '2' });

/** Every status of a refusal, with what a client can make of it. */
const refusals = {
  400: {
    when: 'Something in the request is not valid; `errors` lists all of it, by path.',
    detail: 'the query is not valid',
    errors: [{ path: 'limit', message: 'must be an integer from 1 to 100' }],
  },
  401: {
    when: 'The key or token is missing or wrong.',
    detail: 'a key is required',
    headers: { 'www-authenticate': z.string().meta({ example: 'Bearer realm="event-tracker"' }) },
  },
  403: {
    when: 'No admin token is configured; or a page of another origin asks for a change.',
    detail: adminRefusals['no-tokens'],
  },
  404: { when: 'There is no such thing.', detail: 'there is no such post' },
  413: { when: 'The body is too large.', detail: 'the body must be at most 1048576 bytes' },
  415: {
    when: 'The media type, charset or encoding is not one of those that are understood.',
    detail: 'the media type must be application/json or text/plain',
  },
  429: {
    when: 'Too many requests of this key or address.',
    detail: 'too many requests; come back later',
    headers: { 'retry-after': retryAfter },
  },
  503: {
    when: 'What would be needed is away, or too much is waiting; come back later.',
    detail: 'the store that could answer is away; ask again later',
    headers: { 'retry-after': retryAfter },
  },
} as const satisfies Record<number, Refusal>;

export type RefusalStatus = keyof typeof refusals;

/** The responses of an operation that refuses with these statuses; what a status means here can be said more closely. */
export function problems(
  ...statuses: (RefusalStatus | [RefusalStatus, when: string])[]
): ZodOpenApiResponsesObject {
  const responses = statuses.map((given): [string, ZodOpenApiResponsesObject['default']] => {
    const [status, when] = typeof given === 'number' ? [given, undefined] : given;
    const refusal: Refusal = refusals[status];
    const example = {
      type: 'about:blank',
      title: STATUS_CODES[status],
      status,
      detail: refusal.detail,
      errors: refusal.errors ?? [],
      requestId: '5f1d2a3b-7a3e-4c61-9c64-0198c0de4c5d',
    };
    return [
      String(status),
      {
        description: when ?? refusal.when,
        ...(refusal.headers && { headers: z.object(refusal.headers) }),
        content: { 'application/problem+json': { schema: problem, example } },
      },
    ];
  });
  return Object.fromEntries(responses) as ZodOpenApiResponsesObject;
}
