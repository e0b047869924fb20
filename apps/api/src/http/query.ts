import {
  eventTypes,
  type FieldError,
  moment,
  readEventType,
  readMoment,
  shortName,
} from '@event-tracker/domain';
import type { Request } from 'express';
import { z } from 'zod';
import { Problem } from './problem.ts';

/**
 * Parses the query by a schema of texts. An unknown, repeated or invalid parameter is a 400 that lists them all, together
 * with the errors that the route has found by itself.
 */
export function parseQuery<Schema extends z.ZodObject>(
  schema: Schema,
  { query: given }: Pick<Request, 'query'>,
  found: readonly FieldError[] = [],
): z.output<Schema> {
  // The key is no parameter of the route: see keysOf.
  const { writeKey: _, ...query } = given;
  const parsed = strictly(schema).safeParse(query, { error: describe });
  if (parsed.success && found.length === 0) return parsed.data as z.output<Schema>;
  const errors = (parsed.error?.issues ?? []).flatMap((issue) =>
    issue.code === 'unrecognized_keys'
      ? issue.keys.map((key) => ({ path: shortName(key), message: 'is not a known parameter' }))
      : [{ path: issue.path.join('.'), message: issue.message }],
  );
  throw new Problem(400, 'the query is not valid', { errors: [...errors, ...found] });
}

/** Made once: a schema compiles its parser when it is first used. */
const strictSchemas = new WeakMap<z.ZodObject, z.ZodObject>();

function strictly(schema: z.ZodObject): z.ZodObject {
  let strict = strictSchemas.get(schema);
  if (strict === undefined) {
    strict = schema.strict();
    strictSchemas.set(schema, strict);
  }
  return strict;
}

const describe: z.core.$ZodErrorMap = (issue) => {
  if (issue.input === undefined) return 'is required';
  if (Array.isArray(issue.input)) return 'must be given once';
  if (issue.code === 'invalid_value') return `must be one of ${issue.values.join(', ')}`;
  return undefined;
};

/** An integer in decimal digits, within bounds. Never clamped. */
export function integerText(minimum: number, maximum: number) {
  const message = `must be an integer from ${minimum} to ${maximum}`;
  return z
    .string()
    .regex(/^\d{1,16}$/, message)
    .transform(Number)
    .refine((value) => value >= minimum && value <= maximum, message)
    .meta({
      override({ jsonSchema }) {
        delete jsonSchema.pattern;
        Object.assign(jsonSchema, { type: 'integer', minimum, maximum });
      },
    });
}

export const idText = integerText(1, Number.MAX_SAFE_INTEGER);

export function limitText(defaultLimit: number) {
  return integerText(1, 100)
    .default(defaultLimit)
    .meta({ override: { default: defaultLimit } });
}

export const eventTypeText = z
  .string()
  .transform((text, context) => {
    const type = readEventType(text);
    if (type === undefined)
      context.addIssue({ code: 'custom', message: `must be one of ${eventTypes.join(', ')}` });
    return type ?? z.NEVER;
  })
  .meta({ description: `${eventTypes.join(', ')}, in any letter case.` });

/** A moment, answered in milliseconds since the epoch. As precise as the `occurredAt` of an event, or less. */
export const momentText = moment.transform((text) => readMoment(text)!);
