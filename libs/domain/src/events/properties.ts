import { z } from 'zod';
import type { JsonObject } from './tracked-event.ts';

const maximumBytes = 4096;
const maximumDepth = 5;

/** A JSON object of at most 4 KiB as compact JSON in UTF-8, at most 5 levels of objects and arrays, itself the first. */
export const properties = z
  .custom<JsonObject>()
  .superRefine((value, context) => {
    const message = problemWith(value);
    if (message !== undefined) context.addIssue({ code: 'custom', message });
  })
  .meta({
    type: 'object',
    description: `Stored, not counted: at most ${maximumBytes} bytes as compact JSON, ${maximumDepth} levels deep.`,
  });

function problemWith(value: unknown): string | undefined {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) return 'must be a JSON object';
  const inside = problemInside(value, 1);
  if (inside !== undefined) return inside;
  const bytes = new TextEncoder().encode(JSON.stringify(value)).length;
  return bytes > maximumBytes ? `must be at most ${maximumBytes} bytes as JSON, got ${bytes}` : undefined;
}

// Depth first, and it stops at the limit: a depth bomb costs five calls, not a stack overflow.
function problemInside(value: unknown, depth: number): string | undefined {
  if (typeof value === 'string') return storableProblem(value);
  // JSON's 1e400 is read as Infinity, which would be stored as null.
  if (typeof value === 'number')
    return Number.isFinite(value) ? undefined : 'must not contain a number beyond 1.8e308';
  if (typeof value !== 'object' || value === null) return undefined;
  if (depth > maximumDepth) return `must be at most ${maximumDepth} levels deep`;
  for (const [key, inner] of Object.entries(value)) {
    const problem = storableProblem(key) ?? problemInside(inner, depth + 1);
    if (problem !== undefined) return problem;
  }
  return undefined;
}

function storableProblem(text: string): string | undefined {
  return text.includes('\u0000') || !text.isWellFormed()
    ? 'must not contain a NUL or an unpaired surrogate'
    : undefined;
}
