import { type Batch, describeEvents, type EventLane, LaneUnavailable } from '@event-tracker/domain';
import { type ConnectionOptions, Queue } from 'bullmq';
import type { Redis } from 'ioredis';
import { encodeBatch } from './batch-codec.ts';
import { fastLaneName, jobIdOf, lanePrefix } from './names.ts';

/** A job must outlive every outage: it is tried for ever, with a pause of at most 10 s (see fast-lane-consumer). */
const unlimitedAttempts = Number.MAX_SAFE_INTEGER;

export interface FastLaneOptions {
  /** Fails fast: a request waits behind it. Closed by whoever made it. */
  redis: Redis;
  /** Committed jobs that stay to be looked at on the queue board. */
  completedJobsMax: number;
  /** Entries of BullMQ's stream of queue events. */
  queueEventsMax: number;
  onError(cause: unknown): void;
}

export interface FastLane extends EventLane {
  /** For the queue board. */
  queue: Queue;
}

/** The lane on Redis: one BullMQ job a batch. It takes a batch only while Redis writes an append-only file. */
export function createFastLane({
  redis,
  completedJobsMax,
  queueEventsMax,
  onError,
}: FastLaneOptions): FastLane {
  const queue = new Queue(fastLaneName, {
    connection: redis as unknown as ConnectionOptions,
    prefix: lanePrefix,
    // Without these two, a queue that was made while Redis is away never recovers.
    skipWaitingForReady: true,
    skipVersionCheck: true,
    streams: { events: { maxLen: queueEventsMax } },
    defaultJobOptions: {
      attempts: unlimitedAttempts,
      backoff: { type: 'custom' },
      removeOnComplete: { count: completedJobsMax },
      removeOnFail: false,
      stackTraceLimit: 1,
    },
  });
  queue.on('error', onError);

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
