import { z } from 'zod';
import type { JsonObject } from './tracked-event.ts';

const maximumBytes = 4096;
const maximumDepth = 5;

/** Beyond so many bytes at least, their exact number is not found out. */
const countedBytesMax = 4 * maximumBytes;

/** Numbers of one event that are listed by path; more are counted. */
const numbersListed = 20;

/** As many bytes as a number has in JSON at most, with what stands around it. */
const numberBytes = 26;
/** One character of a text is six bytes at most, as an escape. */
const escapeBytes = 6;

interface Problem {
  path: PropertyKey[];
  message: string;
}

/** A JSON object of at most 4 KiB as compact JSON in UTF-8, at most 5 levels of objects and arrays, itself the first. */
export const properties = z
  .custom<JsonObject>()
  .check((payload) => {
    for (const { path, message } of problemsOf(payload.value))
      payload.issues.push({ code: 'custom', message, input: undefined, path });
  })
  .meta({
    type: 'object',
    description:
      `Stored, not counted: at most ${maximumBytes} bytes as compact JSON, ${maximumDepth} levels deep. A number beyond ` +
      `±${Number.MAX_SAFE_INTEGER} is refused, never rounded: send it as a text.`,
  });

function problemsOf(value: unknown): Problem[] {
  const whole = (message: string) => [{ path: [], message }];
  if (typeof value !== 'object' || value === null || Array.isArray(value))
    return whole('must be a JSON object');
  const walk: Walk = { fewestBytes: 0, mostBytes: 0, unsafe: [] };
  const problem = problemInside(value, 1, walk, undefined);
  if (problem !== undefined) return whole(problem);
  if (walk.mostBytes > maximumBytes) {
    const bytes = new TextEncoder().encode(JSON.stringify(value)).length;
    if (bytes > maximumBytes) return whole(tooLarge(String(bytes)));
  }
  return walk.unsafe.length === 0 ? [] : unsafeProblems(walk.unsafe);
}

const tooLarge = (got: string) => `must be at most ${maximumBytes} bytes as JSON, got ${got}`;

/** Where a value is: the way back to the whole. */
interface Place {
  key: PropertyKey;
  parent: Place | undefined;
}

interface Walk {
  /** Bounds of the size as compact JSON: the exact one is found out only when they don't decide. */
  fewestBytes: number;
  mostBytes: number;
  /** Numbers whose value JSON.parse may have rounded. */
  unsafe: Place[];
}

/**
 * The first problem that is of the whole. Depth first, and it stops at the limits: a depth bomb costs five calls, not a stack
 * overflow, and megabytes of values cost as much as 16 KiB of them.
 */
function problemInside(
  value: unknown,
  depth: number,
  walk: Walk,
  place: Place | undefined,
): string | undefined {
  if (typeof value === 'string') return problemOfText(value, walk);
  walk.fewestBytes += 2;
  walk.mostBytes += numberBytes;
  if (walk.fewestBytes > countedBytesMax) return tooLarge(`over ${countedBytesMax}`);
  if (typeof value === 'number') {
    // Every integer beyond is read as a number beyond, however it is written: rounding keeps the order.
    if (Math.abs(value) > Number.MAX_SAFE_INTEGER) walk.unsafe.push(place!);
    return undefined;
  }
  if (typeof value !== 'object' || value === null) return undefined;
  if (depth > maximumDepth) return `must be at most ${maximumDepth} levels deep`;
  const isArray = Array.isArray(value);
  for (const key of isArray ? value.keys() : Object.keys(value)) {
    const inner = (value as Record<PropertyKey, unknown>)[key];
    const problem =
      (isArray ? undefined : problemOfText(key as string, walk)) ??
      problemInside(inner, depth + 1, walk, { key, parent: place });
    if (problem !== undefined) return problem;
  }
  return undefined;
}

function problemOfText(text: string, walk: Walk): string | undefined {
  walk.fewestBytes += text.length + 2;
  walk.mostBytes += escapeBytes * text.length + 4;
  if (walk.fewestBytes > countedBytesMax) return tooLarge(`over ${countedBytesMax}`);
  return text.includes('\u0000') || !text.isWellFormed()
    ? 'must not contain a NUL or an unpaired surrogate'
    : undefined;
}

function unsafeProblems(places: readonly Place[]): Problem[] {
  const message = `must not be a number beyond ±${Number.MAX_SAFE_INTEGER}, which would be rounded: send it as a text`;
  const problems = places.slice(0, numbersListed).map((place): Problem => ({ path: pathTo(place), message }));
  const more = places.length - numbersListed;
  if (more > 0) problems.push({ path: [], message: `has ${more} more numbers that would be rounded` });
  return problems;
}

function pathTo(place: Place): PropertyKey[] {
  const path: PropertyKey[] = [];
  for (let at: Place | undefined = place; at !== undefined; at = at.parent) path.unshift(at.key);
  return path;
}
