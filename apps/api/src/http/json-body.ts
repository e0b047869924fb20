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
  const parsed = schema.safeParse(parseJson(text), { error: describe });
  if (parsed.success) return parsed.data;
  const errors = parsed.error.issues.flatMap((issue) =>
    issue.code === 'unrecognized_keys'
      ? issue.keys.map((key) => ({ path: pathText([...issue.path, key]), message: 'is not a known field' }))
      : [{ path: pathText(issue.path), message: issue.message }],
  );
  throw new Problem(400, 'the body is not valid', { errors });
}

const describe: z.core.$ZodErrorMap = (issue) => {
  if (issue.code !== 'invalid_type') return undefined;
  if (issue.input === undefined) return 'is required';
  return `must be ${/^[aeiou]/.test(issue.expected) ? 'an' : 'a'} ${issue.expected}`;
};

/** Such as `hashtags[3]`. */
function pathText(path: readonly PropertyKey[]): string {
  return path.reduce<string>(
    (text, part) =>
      typeof part === 'number' ? `${text}[${part}]` : text === '' ? String(part) : `${text}.${String(part)}`,
    '',
  );
}
