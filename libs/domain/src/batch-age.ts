import type { Batch } from './batch.ts';

const versionAt = 14;

/** When a batch was made, in milliseconds since the epoch: its id says so, or else its latest event. */
export function batchMadeAt({ id, events }: Batch): number {
  return idMadeAt(id) ?? events.reduce((latest, event) => Math.max(latest, event.receivedAt), 0);
}

/** When an id was made, in milliseconds since the epoch; undefined where it does not say so. */
export function idMadeAt(id: string): number | undefined {
  return id[versionAt] === '7' ? Number.parseInt(id.slice(0, 8) + id.slice(9, 13), 16) : undefined;
}

/**
 * Whether a batch comes so late that what tells its repeats may be gone: then only the batch's row can say that it was
 * committed, and without one it must not be.
 */
export function isTooOld(batch: Batch, now: number, ageMaxMs: number): boolean {
  return now - batchMadeAt(batch) > ageMaxMs;
}
