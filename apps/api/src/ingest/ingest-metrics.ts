import { type Batch, type EventType, strategies, type TrackedEvent } from '@event-tracker/domain';
import { type Counter, type Histogram, latencyBounds, type Metrics } from '@event-tracker/runtime';

/** What became of events on their way to a lane. Told once a flush where that can be, and never more than a number. */
export interface IngestMetrics {
  /** A lane has the batch. */
  taken(lane: string, batch: Batch): void;
  flushed(events: number, seconds: number): void;
  refused(events: readonly TrackedEvent[], outcome: 'busy' | 'late' | 'unavailable'): void;
  busy(type: EventType): void;
  /** Repeated within one request. It is taken with the rest, and becomes a duplicate in the ledger. */
  repeated(type: EventType): void;
  rejected(): void;
}

/** Events: a flush is as large as the load makes it. */
const sizeBounds = [1, 2, 5, 10, 25, 50, 100, 200, 500, 1000];

export function createIngestMetrics(metrics: Metrics): IngestMetrics {
  const types = Object.keys(strategies) as EventType[];
  const events = metrics.counter({
    name: 'events_total',
    help: 'Events by what became of them: at the API (accepted, busy, late, rejected, repeated, unavailable) and at the worker (stored, duplicate, dead).',
    labels: ['type', 'outcome', 'lane'],
  });
  const seconds: Histogram = metrics
    .histogram({
      name: 'flush_seconds',
      help: 'From the begin of a flush until its batch is durable, or refused.',
      labels: [],
      bounds: latencyBounds,
    })
    .of();
  const sizes = metrics
    .histogram({ name: 'flush_events', help: 'Events of a flush.', labels: [], bounds: sizeBounds })
    .of();

  // All of them from the start, so that the first of a kind is a rise and not a new series.
  const byType = (outcome: string, lane: string) =>
    Object.fromEntries(types.map((type) => [type, events.of(type, outcome, lane)])) as Record<
      EventType,
      Counter
    >;
  const accepted: Record<string, Record<EventType, Counter>> = {
    fast: byType('accepted', 'fast'),
    durable: byType('accepted', 'durable'),
  };
  const refused = {
    busy: byType('busy', 'none'),
    late: byType('late', 'none'),
    unavailable: byType('unavailable', 'none'),
  };
  const repeated = byType('repeated', 'none');
  const rejected = events.of('unknown', 'rejected', 'none');

  return {
    taken(lane, batch) {
      const counts = accepted[lane]!;
      for (const event of batch.events) counts[event.eventType].add();
    },
    flushed(size, took) {
      sizes.observe(size);
      seconds.observe(took);
    },
    refused(which, outcome) {
      for (const event of which) refused[outcome][event.eventType].add();
    },
    busy: (type) => refused.busy[type].add(),
    repeated: (type) => repeated[type].add(),
    rejected: () => rejected.add(),
  };
}
