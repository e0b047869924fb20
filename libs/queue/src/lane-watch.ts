import { repeat } from '@event-tracker/runtime/repeat';
import { withTimeout } from '@event-tracker/runtime/with-timeout';
import type { LaneMeasure } from './lane-measures.ts';
import type { RedisMemory } from './redis-memory.ts';

/** What was found in the latest round. */
export interface LaneReading {
  name: LaneName;
  /** Events of the batches that no worker holds; null while the lane can't be measured. */
  waiting: number | null;
  /** Age of the oldest batch that is not completed; null while the lane can't be measured. */
  oldestSeconds: number | null;
}

/** `fold`: what was committed, and waits to be added up. It takes nothing, and is no lane to put events on. */
export type LaneName = 'fast' | 'durable' | 'fold';

/**
 * The lanes, and the folds behind them, measured four times a second, or once while they are empty. Reading the latest measure
 * here costs nothing.
 */
export interface LaneWatch {
  lanes(): readonly LaneReading[];
  /**
   * As of the latest round in which it could be measured; zeros before the first. A measure expires: then what this
   * process has put there since is all that counts, until the lane can be measured again.
   */
  lastKnown(lane: LaneName): Readonly<LaneMeasure>;
  /** Of the fast lane's Redis; undefined while it can't be asked. */
  redisMemory(): RedisMemory | undefined;
  /** Events that wait on both lanes or to be added up, with what this process has put there since they were measured. */
  depth(): number;
  /** So many events were put on a lane by this process. */
  added(events: number, lane: LaneName): void;
  close(): Promise<void>;
}

/** While events come or wait; and at rest, when what this process adds is known without a measure. */
const busyMs = 250;
const restMs = 1000;
const measureLimitMs = 1000;

export function createLaneWatch(deps: {
  /** By store: each is asked once a round. */
  measures: {
    redis(): Promise<Record<'fast', LaneMeasure>>;
    postgres(): Promise<Record<'durable' | 'fold', LaneMeasure>>;
  };
  readRedisMemory(): Promise<RedisMemory>;
  /**
   * How long a measure counts while no other follows, in milliseconds. Long enough for a store that is slow for a while;
   * and it ends, because a lane whose store is away takes nothing, and must not keep events from the other lane.
   */
  measureLifeMs: number;
  now(): number;
  onError(cause: unknown): void;
}): LaneWatch {
  const { measures, readRedisMemory, measureLifeMs, now, onError } = deps;
  const known: Record<LaneName, LaneMeasure> = {
    fast: { waiting: 0, oldestSeconds: 0 },
    durable: { waiting: 0, oldestSeconds: 0 },
    fold: { waiting: 0, oldestSeconds: 0 },
  };
  const names = Object.keys(known) as LaneName[];
  let lanes: readonly LaneReading[] = names.map((name) => ({ name, waiting: null, oldestSeconds: null }));
  let redisMemory: RedisMemory | undefined;
  const addedSince: Record<LaneName, number> = { fast: 0, durable: 0, fold: 0 };
  const measuredAt: Record<LaneName, number> = { fast: now(), durable: now(), fold: now() };

  const expired = (lane: LaneName) => now() - measuredAt[lane] >= measureLifeMs;

  const inTime = <T>(asking: Promise<T>, what: string): Promise<T | undefined> =>
    withTimeout(asking, measureLimitMs, what).catch((cause: unknown) => {
      onError(cause);
      return undefined;
    });

  let measuredLast = Number.NEGATIVE_INFINITY;
  const atRest = () => names.every((name) => known[name].waiting === 0 && addedSince[name] === 0);

  async function measure(): Promise<void> {
    if (atRest() && performance.now() - measuredLast < restMs) return;
    measuredLast = performance.now();
    const addedBefore = { ...addedSince };
    const [memory, inRedis, inPostgres] = await Promise.all([
      inTime(readRedisMemory(), "measuring Redis's memory"),
      inTime(measures.redis(), 'measuring the fast lane'),
      inTime(measures.postgres(), 'measuring the durable lane and the folds'),
    ]);
    redisMemory = memory;
    const measured: Partial<Record<LaneName, LaneMeasure>> = { ...inRedis, ...inPostgres };
    lanes = names.map((name) => {
      const found = measured[name];
      if (found === undefined) return { name, waiting: null, oldestSeconds: null };
      known[name] = found;
      measuredAt[name] = now();
      // What was added while it was measured may be in the measure already; counted twice it errs on the safe side.
      addedSince[name] -= addedBefore[name];
      return { name, ...found };
    });
  }

  const stop = repeat(busyMs, measure, onError);
  return {
    lanes: () => lanes,
    lastKnown: (lane) => (expired(lane) ? { waiting: addedSince[lane], oldestSeconds: 0 } : known[lane]),
    redisMemory: () => redisMemory,
    depth: () =>
      names.reduce((sum, name) => sum + (expired(name) ? 0 : known[name].waiting) + addedSince[name], 0),
    added: (events, lane) => {
      addedSince[lane] += events;
    },
    close: stop,
  };
}
