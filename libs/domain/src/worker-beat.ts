import { z } from 'zod';
import { type EventType, eventTypes } from './events/registry.ts';

/** Events by type. */
export type TypeCounts = Record<EventType, number>;

/** What a worker says about once a second: that it lives, and how many events it has committed since its last beat. */
export interface WorkerBeat {
  /** UUID of the worker's process. */
  worker: string;
  stored: TypeCounts;
  /** Its last: it is shutting down. */
  ended: boolean;
}

export function noCounts(): TypeCounts {
  return Object.fromEntries(eventTypes.map((type) => [type, 0])) as TypeCounts;
}

export function addTypeCounts(to: TypeCounts, added: TypeCounts): void {
  for (const type of eventTypes) to[type] += added[type];
}

/** A type that this version does not know, from a newer worker, is left out; one that the worker does not know is 0. */
const beat = z.object({
  worker: z.guid(),
  stored: z.object(
    Object.fromEntries(eventTypes.map((type) => [type, z.int().nonnegative().default(0)])) as Record<
      EventType,
      z.ZodDefault<z.ZodInt>
    >,
  ),
  ended: z.boolean(),
});

/** Undefined for a text that is no beat. */
export function readBeat(text: string): WorkerBeat | undefined {
  try {
    return beat.parse(JSON.parse(text));
  } catch {
    return undefined;
  }
}
