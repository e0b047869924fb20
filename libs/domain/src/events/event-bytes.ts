import type { TrackedEvent } from './tracked-event.ts';

/** About what V8 takes, in bytes: two a character, whatever the script. */
const eventItself = 400;
const character = 2;
const arrayItself = 48;
const objectItself = 64;
const element = 16;
const field = 48;

type Weighed = Partial<Pick<TrackedEvent, 'sessionId' | 'elementId' | 'keyword' | 'properties'>>;

/**
 * About what an event takes in memory, in bytes: `properties` of few bytes may be many values. It may be one that nobody
 * has validated yet.
 */
export function eventBytes({ sessionId, elementId, keyword, properties }: Weighed): number {
  const characters = (sessionId?.length ?? 0) + (elementId?.length ?? 0) + (keyword?.length ?? 0);
  let bytes = eventItself + character * characters;
  if (properties === undefined) return bytes;
  // A list and no recursion: nothing bounds the depth of what lies on a lane.
  const values: unknown[] = [properties];
  for (let value = values.pop(); value !== undefined; value = values.pop()) {
    if (typeof value === 'string') bytes += character * value.length;
    else if (Array.isArray(value)) {
      bytes += arrayItself + element * value.length;
      for (const item of value) values.push(item);
    } else if (typeof value === 'object' && value !== null) {
      bytes += objectItself;
      for (const [name, item] of Object.entries(value)) {
        bytes += field + character * name.length;
        values.push(item);
      }
    }
  }
  return bytes;
}

export function eventsBytes(events: readonly TrackedEvent[]): number {
  let bytes = 0;
  for (const event of events) bytes += eventBytes(event);
  return bytes;
}
