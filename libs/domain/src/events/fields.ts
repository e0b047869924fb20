import { z } from 'zod';
import { keywordText } from './keyword-text.ts';
import { moment } from './moment.ts';
import { properties } from './properties.ts';
import { text } from './text.ts';

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

const occurredAt = moment.meta({
  format: 'date-time',
  description:
    'With an offset, kept to the millisecond; at most 30 days back. Ahead of the time of receipt it is set to that. By ' +
    'default the time of receipt.',
});

export const sentAt = moment.meta({
  format: 'date-time',
  description:
    "The sender's clock at this attempt. What the time of receipt is later or earlier, when it is more than 30 s, is added " +
    'to `occurredAt`: so a clock that is wrong loses nothing.',
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
  sentAt: sentAt.optional(),
  properties: properties.optional(),
};

/** What a type of event asks for beyond the fields that all have. */
interface Requirements {
  userId?: typeof id;
  metadata?: { keyword?: typeof keywordText; postId?: typeof id };
}

/**
 * The request body of one type of event. Unknown fields are refused by name, so that a misspelt one is not lost. The type's
 * own name is not checked: the schema is chosen by it.
 */
export function eventSchema(eventType: string, required: Requirements = {}) {
  const { metadata: requiredMetadata, ...requiredFields } = required;
  return z.strictObject({
    eventType: z.unknown().meta({ type: 'string', const: eventType }),
    ...fields,
    ...requiredFields,
    metadata: z.strictObject({ ...metadata, ...requiredMetadata }),
  });
}
