import { checkFields } from '@event-tracker/domain';
import type { Request } from 'express';
import type { z } from 'zod';
import { parseJson } from './ingest.ts';
import { Problem } from './problem.ts';
import { type BodyLimits, readBody } from './read-body.ts';

const mediaTypes = ['application/json'];

/** Reads a JSON body by a schema. What is wrong with it is a 400 that lists all of it by path. */
export async function parseBody<Schema extends z.ZodType>(
  schema: Schema,
  request: Request,
  limits: BodyLimits,
): Promise<z.output<Schema>> {
  const { text } = await readBody(request, mediaTypes, limits);
  const checked = checkFields(schema, parseJson(text));
  if (checked.ok) return checked.data;
  throw new Problem(400, 'the body is not valid', { errors: checked.errors });
}
