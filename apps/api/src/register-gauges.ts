import type { LaneMeasure, LaneWatch, SpillLane } from '@event-tracker/queue';
import type { Metrics, Sampled } from '@event-tracker/runtime';
import type { EnteredBooks, RedisPersistence } from '@event-tracker/storage';
import { type BackPressure, gauges, levels } from './ingest/back-pressure.ts';

/** How the API sees the lanes, the views and the books: numbers that others keep, and that are read at a scrape. */
export function registerGauges(deps: {
  metrics: Metrics;
  watch: LaneWatch;
  lane: Pick<SpillLane, 'counts' | 'breakers'>;
  quarantine: Sampled<LaneMeasure>;
  pressure: BackPressure;
  freshKinds: Sampled<(readonly [string, boolean])[]>;
  persistence: Sampled<RedisPersistence>;
  books: Sampled<EnteredBooks & { missing: number }>;
}): void {
  const { metrics, watch, lane, quarantine, pressure, freshKinds, persistence, books } = deps;
  const breakers = Object.values(lane.breakers);

  metrics.read({
    type: 'gauge',
    name: 'taking',
    help: '1 while events are taken: a lane is there, and back-pressure does not refuse all.',
    labels: [],
    read: () => [
      [Number(breakers.some((breaker) => !breaker.isOpen()) && pressure.level() !== 'closed')] as const,
    ],
  });
  metrics.read({
    type: 'gauge',
    name: 'lane_waiting_events',
    help: 'Events that wait on a lane; of `fold`, those that are committed and not added up.',
    labels: ['lane'],
    read: () => watch.lanes().map(({ name, waiting }) => [name, waiting ?? undefined] as const),
  });
  metrics.read({
    type: 'gauge',
    name: 'lane_oldest_seconds',
    help: 'Age of the oldest batch on a lane that is not completed; of `fold`, of the oldest commit that is not added up.',
    labels: ['lane'],
    read: () => watch.lanes().map(({ name, oldestSeconds }) => [name, oldestSeconds ?? undefined] as const),
  });
  metrics.read({
    type: 'gauge',
    name: 'quarantine_waiting_events',
    help: 'Events of batches whose workers died over them, and that wait to be tried alone.',
    labels: [],
    read: () => [[quarantine.latest()?.waiting] as const],
  });
  metrics.read({
    type: 'gauge',
    name: 'quarantine_oldest_seconds',
    help: 'Age of the oldest batch in the quarantine, waiting or being tried; 0 when it is empty.',
    labels: [],
    read: () => [[quarantine.latest()?.oldestSeconds] as const],
  });
  metrics.read({
    type: 'gauge',
    name: 'lane_breaker_open',
    help: '1 while a lane is away for this process.',
    labels: ['lane'],
    read: () => breakers.map((breaker) => [breaker.name, Number(breaker.isOpen())] as const),
  });
  metrics.read({
    type: 'counter',
    name: 'lane_breaker_opened_total',
    help: 'How often a lane was found away.',
    labels: ['lane'],
    read: () => breakers.map((breaker) => [breaker.name, breaker.opened()] as const),
  });
  metrics.read({
    type: 'counter',
    name: 'spilled_events_total',
    help: 'Events that the durable lane took in place of the fast one.',
    labels: [],
    read: () => [[lane.counts.spilledEvents] as const],
  });
  metrics.read({
    type: 'counter',
    name: 'spilled_batches_total',
    help: 'Batches that the durable lane took in place of the fast one.',
    labels: [],
    read: () => [[lane.counts.spilledBatches] as const],
  });
  metrics.read({
    type: 'counter',
    name: 'refused_batches_total',
    help: 'Batches that no lane took.',
    labels: [],
    read: () => [[lane.counts.refusedBatches] as const],
  });
  metrics.read({
    type: 'gauge',
    name: 'back_pressure_level',
    help: 'By what is measured: 0 open, 1 clicks and page views are refused, 2 all events are.',
    labels: ['gauge'],
    read: () => gauges.map((gauge) => [gauge, levels.indexOf(pressure.levelOf(gauge))] as const),
  });
  metrics.read({
    type: 'gauge',
    name: 'redis_memory_used_bytes',
    help: "Memory in use by the fast lane's Redis.",
    labels: [],
    read: () => [[watch.redisMemory()?.usedBytes] as const],
  });
  metrics.read({
    type: 'gauge',
    name: 'redis_memory_max_bytes',
    help: "maxmemory of the fast lane's Redis; 0: no limit is set.",
    labels: [],
    read: () => [[watch.redisMemory()?.maxBytes] as const],
  });
  metrics.read({
    type: 'gauge',
    name: 'redis_disk_ok',
    help: "0 when the last write or rewrite of the fast lane's append-only file failed.",
    labels: [],
    read: () => [[asNumber(persistence.latest()?.healthy)] as const],
  });
  metrics.read({
    type: 'gauge',
    name: 'redis_file_bytes',
    help: "Size of the fast lane's append-only file.",
    labels: [],
    read: () => [[persistence.latest()?.fileBytes] as const],
  });
  metrics.read({
    type: 'gauge',
    name: 'views_fresh',
    help: '1 while the views of a kind are fresh; else PostgreSQL answers.',
    labels: ['kind'],
    read: () => (freshKinds.latest() ?? []).map(([kind, fresh]) => [kind, Number(fresh)] as const),
  });
  metrics.read({
    type: 'gauge',
    name: 'books_events',
    help: 'Events that were received, stored, duplicate and dead, since the database was made.',
    labels: ['entry'],
    read: () => {
      const entered = books.latest();
      return (['received', 'stored', 'duplicate', 'dead'] as const).map(
        (entry) => [entry, entered?.[entry]] as const,
      );
    },
  });
  metrics.read({
    type: 'gauge',
    name: 'books_missing_events',
    help: 'Events that were acknowledged and are neither on a lane nor received. It must be 0.',
    labels: [],
    read: () => [[books.latest()?.missing] as const],
  });
}

function asNumber(value: boolean | undefined): number | undefined {
  return value === undefined ? undefined : Number(value);
}
