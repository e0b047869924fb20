/** BullMQ's prefix, a hash tag: all keys of the lane lie on one node of a Redis Cluster. */
export const lanePrefix = '{lane}';

export const fastLaneName = 'events';

/** The key under which BullMQ keeps the jobs of a state. */
export function queueKey(queue: string, state: string): string {
  return `${lanePrefix}:${queue}:${state}`;
}

/** On Redis, too: jobs of both lanes that their workers went down with. */
export const quarantineName = 'quarantine';

/** pg-boss's queue. */
export const durableLaneName = 'events';

/** pg-boss's queue of chores that are due. */
export const scheduleName = 'maintenance';

/**
 * The id of a batch's job says how many events it holds, so that what waits can be counted from the ids alone. BullMQ
 * allows no `:` in it, nor digits alone.
 */
export function jobIdOf(batch: { id: string; events: readonly unknown[] }): string {
  return `${batch.id}.${batch.events.length}`;
}

/** Undefined for an id that is not one of ours. */
export function readJobId(jobId: string): { batchId: string; count: number } | undefined {
  const [batchId, count, ...more] = jobId.split('.');
  if (batchId === undefined || count === undefined || more.length > 0 || !/^\d+$/.test(count))
    return undefined;
  return { batchId, count: Number(count) };
}
