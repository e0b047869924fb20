import { z } from 'zod';
import { properties } from './properties.ts';
import { keywordText, text } from './text.ts';

/** Any letter-case UUID of any version, kept in lower case. The nil UUID is a placeholder, not an identity. */
const uuid = z
  .guid('must be a UUID')
  .transform((value) => value.toLowerCase())
  .refine((value) => value !== '00000000-0000-0000-0000-000000000000', 'must not be the nil UUID')
  .meta({
    format: 'uuid',
    description:
      'Any UUID but nil: under it the event counts once. The server makes a UUIDv7 where there is none.',
  });

/** 2^53 - 1 is the largest integer that JSON in a browser carries exactly. */
export const id = z
  .number()
  .refine(
    (value) => Number.isSafeInteger(value) && value >= 1,
    `must be an integer from 1 to ${Number.MAX_SAFE_INTEGER}`,
  )
  .meta({ type: 'integer', minimum: 1, maximum: Number.MAX_SAFE_INTEGER });

// To the second or finer, or to the minute, as java.time prints a whole one.
const occurredAt = z
  .union(
    [z.iso.datetime({ offset: true }), z.iso.datetime({ offset: true, precision: -1 })],
    'must be an ISO 8601 date and time with an offset',
  )
  .meta({
    description:
      'With an offset, kept to the millisecond; at most 5 minutes ahead, 30 days back. By default the time of receipt.',
  });

const metadata = {
  componentId: id.meta({ description: 'Usual: 1000 page view, 1001 search, 1002 click, 1003 like.' }),
  elementId: text(256).optional(),
  keyword: keywordText.optional(),
  postId: id.optional(),
};

const fields = {
  userId: id.optional(),
  sessionId: text(128),
  eventId: uuid.optional(),
  occurredAt: occurredAt.optional(),
  properties: properties.optional(),
};

/** What a type of event asks for beyond the fields that all have. */
interface Requirements {
  userId?: typeof id;
  metadata?: { keyword?: typeof keywordText; postId?: typeof id };
}

/** The request body of one type of event. Unknown fields are refused by name, so that a misspelt one is not lost. */
export function eventSchema<const Type extends string>(eventType: Type, required: Requirements = {}) {
  const { metadata: requiredMetadata, ...requiredFields } = required;
  return z.strictObject({
    eventType: z.literal(eventType),
    ...fields,
    ...requiredFields,
    metadata: z.strictObject({ ...metadata, ...requiredMetadata }),
  });
}
