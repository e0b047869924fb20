import type { Batch } from '@event-tracker/domain';
import { createFastLane, readFastLane } from '@event-tracker/queue';
import type { Redis } from '@event-tracker/storage';
import { until } from '@event-tracker/testing';

const submitsAtATime = 64;

/** Puts batches on the lane as the API does, in order. */
export async function fillLane(redis: Redis, batches: readonly Batch[]): Promise<void> {
  const lane = createFastLane({ redis, completedJobsMax: 100, queueEventsMax: 1000, onError: () => {} });
  try {
    // It takes nothing before it knows that Redis keeps what it is given.
    await lane.health();
    let next = 0;
    const submitSome = async () => {
      for (let batch = batches[next++]; batch; batch = batches[next++]) await lane.submit(batch);
    };
    await Promise.all(Array.from({ length: submitsAtATime }, submitSome));
  } finally {
    await lane.close();
  }
}

/** Whether every job is completed: its batch committed, and merged into the views. */
export async function laneIsEmpty(redis: Redis): Promise<boolean> {
  return (await readFastLane(redis)).size === 0;
}

const emptyLimitMs = 120_000;

export async function untilLaneIsEmpty(redis: Redis): Promise<void> {
  await until(() => laneIsEmpty(redis), { what: 'an empty lane', limitMs: emptyLimitMs, everyMs: 10 });
}
