import type { z } from 'zod';
import { Problem } from './problem.ts';

/** Parses the parameters in a path by a schema of texts. What is wrong with them is a 400 that lists it all. */
export function parsePath<Schema extends z.ZodObject>(
  schema: Schema,
  params: Record<string, unknown>,
): z.output<Schema> {
  const parsed = schema.safeParse(params);
  if (parsed.success) return parsed.data;
  const errors = parsed.error.issues.map((issue) => ({ path: issue.path.join('.'), message: issue.message }));
  throw new Problem(400, 'the path is not valid', { errors });
}
