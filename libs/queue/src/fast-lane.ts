import { type Batch, describeEvents, type EventLane, LaneUnavailable } from '@event-tracker/domain';
import type { Queue } from 'bullmq';
import type { Redis } from 'ioredis';
import { encodeBatch } from './batch-codec.ts';
import { type BullQueueOptions, openBullQueue } from './bull-queue.ts';
import { fastLaneName, jobIdOf } from './names.ts';

export interface FastLane extends EventLane {
  /** For the queue board. */
  queue: Queue;
}

/** The lane on Redis: one BullMQ job a batch. It takes a batch only while Redis writes an append-only file. */
export function createFastLane(options: BullQueueOptions): FastLane {
  const { redis, onError } = options;
  const queue = openBullQueue(fastLaneName, options);

  let refusal: string | undefined = 'Redis has not been reached yet';
  async function checkDurability(): Promise<void> {
    refusal = await durabilityRefusal(redis).catch(
      (cause: Error) => `Redis could not be checked: ${cause.message}`,
    );
    if (refusal !== undefined) onError(new LaneUnavailable(refusal));
  }
  redis.on('ready', () => void checkDurability());
  redis.on('close', () => {
    refusal = 'Redis is away';
  });
  if (redis.status === 'ready') void checkDurability();

  return {
    name: 'fast',
    queue,
    async submit(batch: Batch) {
      if (refusal !== undefined) throw new LaneUnavailable(refusal);
      try {
        await queue.add(describeEvents(batch.events), encodeBatch(batch), { jobId: jobIdOf(batch) });
      } catch (cause) {
        throw new LaneUnavailable('Redis did not take the batch', { cause });
      }
    },
    async health() {
      await redis.ping();
      // A check that met Redis at a bad moment (still loading its file, say) must not shut the lane for ever.
      if (refusal !== undefined) await checkDurability();
      if (refusal !== undefined) throw new LaneUnavailable(refusal);
    },
    close: () => queue.close(),
  };
}

/** Why this Redis may not acknowledge anything; undefined when it may. */
async function durabilityRefusal(redis: Redis): Promise<string | undefined> {
  const persistence = await redis.info('persistence');
  if (!/^aof_enabled:1/m.test(persistence)) {
    return 'Redis runs without an append-only file, so what it takes is not durable: set `appendonly yes`';
  }
  return undefined;
}
