import { randomUUIDv7 } from 'node:crypto';
import { type EventLane, LaneUnavailable, type TrackedEvent } from '@event-tracker/domain';
import { createGroupCommit, GroupCommitFull } from '@event-tracker/queue';
import type { Admission, BackPressure } from './back-pressure.ts';
import type { IngestMetrics } from './ingest-metrics.ts';

/** What became of the events of a request. `accepted`: they are durable. The rest is refused, to be sent again later. */
export type Acceptance = { status: 'accepted' } | { status: 'busy' | 'unavailable'; reason: string };

export interface Acceptor {
  /** What is taken now; `accept` refuses a call that holds an event which is not. */
  admission(): Admission;
  /** Resolves when the events' flush is durable, or with why it is not. The events of a call go in one batch. */
  accept(events: TrackedEvent[]): Promise<Acceptance>;
  /** UUID of this process, as the books know it. */
  producer: string;
  /** Events that this process has acknowledged so far. */
  acknowledged(): number;
  /** Counts events that this process has acknowledged on another way than by `accept`. */
  acknowledge(events: number): void;
  /** Flushes what waits. */
  close(): Promise<void>;
}

/** The API's group commit: requests that come together are put on the lane as one batch, and answered together. */
export function createAcceptor(deps: {
  lane: EventLane;
  pressure: BackPressure;
  metrics: IngestMetrics;
  flushEventsMax: number;
  flushesInFlightMax: number;
  pendingEventsMax: number;
  onError(cause: unknown): void;
}): Acceptor {
  const { lane, pressure, metrics, onError } = deps;
  const producer = randomUUIDv7();
  let acknowledged = 0;

  const group = createGroupCommit<TrackedEvent[]>({
    async flush(requests) {
      const events = requests.flat();
      const began = performance.now();
      try {
        await lane.submit({ id: randomUUIDv7(), producer, acknowledged, events });
      } finally {
        metrics.flushed(events.length, (performance.now() - began) / 1000);
      }
      acknowledged += events.length;
    },
    sizeOf: (events) => events.length,
    groupMax: deps.flushEventsMax,
    inFlightMax: deps.flushesInFlightMax,
    pendingMax: deps.pendingEventsMax,
  });

  return {
    admission: pressure.admission,
    producer,
    acknowledged: () => acknowledged,
    acknowledge: (events) => {
      acknowledged += events;
    },
    async accept(events) {
      const admits = pressure.admission();
      if (!events.every(({ eventType }) => admits(eventType))) {
        metrics.refused(events, 'busy');
        return { status: 'busy', reason: 'too many events wait to be processed' };
      }
      try {
        await group.submit(events);
        return { status: 'accepted' };
      } catch (cause) {
        metrics.refused(events, cause instanceof GroupCommitFull ? 'busy' : 'unavailable');
        if (cause instanceof GroupCommitFull)
          return { status: 'busy', reason: 'too many events wait to be stored' };
        onError(cause);
        if (cause instanceof LaneUnavailable)
          return { status: 'unavailable', reason: 'the event could not be stored' };
        throw cause;
      }
    },
    close: () => group.close(),
  };
}
