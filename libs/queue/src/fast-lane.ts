import { type Batch, describeEvents, type EventLane, LaneUnavailable } from '@event-tracker/domain';
import type { Queue } from 'bullmq';
import { encodeBatch } from './batch-codec.ts';
import { type BullQueueOptions, openBullQueue } from './bull-queue.ts';
import { watchLaneRedis } from './lane-redis.ts';
import { fastLaneName, jobIdOf } from './names.ts';

export interface FastLane extends EventLane {
  /** For the queue board. */
  queue: Queue;
}

/** The lane on Redis: one BullMQ job a batch. It takes a batch only while Redis keeps what it takes. */
export function createFastLane(options: BullQueueOptions): FastLane {
  const { redis, onError } = options;
  const queue = openBullQueue(fastLaneName, options);
  const watch = watchLaneRedis(redis, (refusal) => {
    if (refusal) onError(new LaneUnavailable(refusal.reason));
  });

  return {
    name: 'fast',
    queue,
    async submit(batch: Batch) {
      const refusal = watch.refusal();
      if (refusal !== undefined) throw new LaneUnavailable(refusal);
      try {
        await queue.add(describeEvents(batch.events), encodeBatch(batch), { jobId: jobIdOf(batch) });
      } catch (cause) {
        throw new LaneUnavailable('Redis did not take the batch', { cause });
      }
    },
    async health() {
      const refusal = await watch.check();
      if (refusal !== undefined) throw new LaneUnavailable(refusal);
    },
    async close() {
      await watch.close();
      await queue.close();
    },
  };
}
