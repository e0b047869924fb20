import {
  createDurableLane,
  createFastLane,
  createLaneWatch,
  createQuarantine,
  createSpillLane,
  type DurableLane,
  type FastLane,
  type LaneName,
  type LaneWatch,
  measureFastLane,
  type Quarantine,
  readRedisMemory,
  type SpillLane,
} from '@event-tracker/queue';
import type { Running } from '@event-tracker/runtime';
import { measureWhatWaits, type Pool, type Redis } from '@event-tracker/storage';
import type { ApiConfig } from '../config.ts';
import type { IngestMetrics } from './ingest-metrics.ts';

export interface Lanes {
  fast: FastLane;
  durable: DurableLane;
  quarantine: Quarantine;
  /** Both: where events are put. */
  spill: SpillLane;
  watch: LaneWatch;
}

/** The two lanes as one, the quarantine behind them, and what is known of how they stand. */
export function openLanes(
  deps: Running<ApiConfig> & {
    pool: Pool;
    redis: Redis;
    metrics: Pick<IngestMetrics, 'taken'>;
    now(): number;
    /** Told again and again while a store is away; the breakers tell it once. */
    onError(cause: unknown): void;
  },
): Lanes {
  const { config, log, closers, pool, redis, metrics, now, onError } = deps;
  const queueOptions = {
    redis,
    completedJobsMax: config.COMPLETED_JOBS_MAX,
    queueEventsMax: config.QUEUE_EVENTS_MAX,
    onError,
  };
  const fast = createFastLane(queueOptions);
  const quarantine = createQuarantine(queueOptions);
  closers.add('quarantine', () => quarantine.close());
  const durable = createDurableLane({
    pool,
    queryTimeoutMs: config.DURABLE_LANE_TIMEOUT_MS + 1000,
    onError,
  });
  const watch = createLaneWatch({
    measures: {
      redis: async () => ({ fast: await measureFastLane(redis, now()) }),
      postgres: () => measureWhatWaits(pool),
    },
    readRedisMemory: () => readRedisMemory(redis),
    measureLifeMs: config.LANE_MEASURE_SECONDS_MAX * 1000,
    now: () => performance.now(),
    onError,
  });
  const spill = createSpillLane({
    fast,
    durable,
    fastLimitMs: config.FAST_LANE_TIMEOUT_MS,
    durableLimitMs: config.DURABLE_LANE_TIMEOUT_MS,
    onChange: (name, away) =>
      away
        ? log.warn({ lane: name, err: away.cause }, 'a lane is away')
        : log.info({ lane: name }, 'a lane is back'),
    onTaken(name, batch) {
      metrics.taken(name, batch);
      watch.added(batch.events.length, name as LaneName);
    },
  });
  closers.add('lanes', () => spill.close());
  closers.add('lane watch', () => watch.close());
  return { fast, durable, quarantine, spill, watch };
}
