import { type Batch, type EventLane, LaneUnavailable } from '@event-tracker/domain';
import { type Breaker, createBreaker } from './breaker.ts';

export interface SpillLaneOptions {
  fast: EventLane;
  durable: EventLane;
  /** How long each may take over a batch, in milliseconds. Both together bound what a client waits for a refusal. */
  fastLimitMs: number;
  durableLimitMs: number;
  /** Told once when a lane goes, with why, and once when it is back. */
  onChange(lane: string, away: { cause: unknown } | undefined): void;
  /** Told of each batch that was taken, and by which lane. */
  onTaken?(lane: string, batch: Batch): void;
}

/** Since the process began. */
export interface SpillCounts {
  spilledBatches: number;
  spilledEvents: number;
  refusedBatches: number;
}

export interface SpillLane extends EventLane {
  counts: Readonly<SpillCounts>;
  breakers: { fast: Breaker; durable: Breaker };
}

/**
 * The fast lane, and the durable one for what the fast one does not take: the same batch with the same id, so it does
 * not matter that both may carry it.
 */
export function createSpillLane(options: SpillLaneOptions): SpillLane {
  const { onChange, onTaken } = options;
  const fast = createBreaker({ lane: options.fast, limitMs: options.fastLimitMs, onChange });
  const durable = createBreaker({ lane: options.durable, limitMs: options.durableLimitMs, onChange });
  const counts: SpillCounts = { spilledBatches: 0, spilledEvents: 0, refusedBatches: 0 };

  return {
    name: 'spill',
    counts,
    breakers: { fast, durable },
    async submit(batch) {
      try {
        await fast.submit(batch);
      } catch (fastCause) {
        try {
          await durable.submit(batch);
        } catch (durableCause) {
          counts.refusedBatches += 1;
          throw new LaneUnavailable('no lane took the batch', {
            cause: new AggregateError([fastCause, durableCause]),
          });
        }
        counts.spilledBatches += 1;
        counts.spilledEvents += batch.events.length;
        onTaken?.(durable.name, batch);
        return;
      }
      onTaken?.(fast.name, batch);
    },
    health: () => Promise.any([fast.health(), durable.health()]),
    async close() {
      await Promise.all([fast.close(), durable.close()]);
    },
  };
}
