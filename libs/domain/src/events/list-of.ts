import { z } from 'zod';

/** A list whose length is judged before any of its items: zod's own `max` looks at all of them first. */
export function listOf<Item extends z.ZodType>(
  item: Item,
  { minimum = 0, maximum, message }: { minimum?: number; maximum: number; message: string },
) {
  return z.preprocess((value, context) => {
    if (Array.isArray(value) && (value.length < minimum || value.length > maximum)) context.addIssue(message);
    return value;
  }, z.array(item).min(minimum).max(maximum));
}
