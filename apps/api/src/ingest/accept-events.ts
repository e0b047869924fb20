import { randomUUIDv7 } from 'node:crypto';
import { type EventLane, eventsBytes, LaneUnavailable, type TrackedEvent } from '@event-tracker/domain';
import { createGroupCommit, GroupCommitFull, GroupCommitLate } from '@event-tracker/queue';
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

/** Once this number of requests waits, the flush begins without waiting for more. */
const requestsEnough = 32;

/** The API's group commit: requests that come together are put on the lane as one batch, and answered together. */
export function createAcceptor(deps: {
  lane: EventLane;
  pressure: BackPressure;
  metrics: IngestMetrics;
  flushEventsMax: number;
  flushesInFlightMax: number;
  /** A flush begins so long after the one before it at the earliest, in milliseconds, unless enough requests wait. */
  flushEveryMs: number;
  pendingEventsMax: number;
  /** Of the events that wait for their flush, as they weigh in memory. */
  pendingBytesMax: number;
  /** The longest that a call waits for its flush to end, in milliseconds. */
  waitMaxMs: number;
  onError(cause: unknown): void;
}): Acceptor {
  const { lane, pressure, metrics, onError } = deps;
  const producer = randomUUIDv7();
  let acknowledged = 0;
  let pendingBytes = 0;

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
    waitMaxMs: deps.waitMaxMs,
    everyMs: deps.flushEveryMs,
    companyEnough: requestsEnough,
  });

  async function submit(events: TrackedEvent[]): Promise<void> {
    const bytes = eventsBytes(events);
    // Heavier events than may wait are taken when nothing else waits: else they could never be.
    if (pendingBytes > 0 && pendingBytes + bytes > deps.pendingBytesMax)
      throw new GroupCommitFull(`events of ${pendingBytes} bytes wait already`);
    pendingBytes += bytes;
    try {
      await group.submit(events);
    } finally {
      pendingBytes -= bytes;
    }
  }

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
        await submit(events);
        return { status: 'accepted' };
      } catch (cause) {
        metrics.refused(events, outcomeOf(cause));
        if (cause instanceof GroupCommitFull)
          return { status: 'busy', reason: 'too many events wait to be stored' };
        if (cause instanceof GroupCommitLate)
          return { status: 'busy', reason: 'the event waited too long to be stored' };
        onError(cause);
        if (cause instanceof LaneUnavailable)
          return { status: 'unavailable', reason: 'the event could not be stored' };
        throw cause;
      }
    },
    close: () => group.close(),
  };
}

function outcomeOf(cause: unknown): 'busy' | 'late' | 'unavailable' {
  if (cause instanceof GroupCommitFull) return 'busy';
  return cause instanceof GroupCommitLate ? 'late' : 'unavailable';
}
