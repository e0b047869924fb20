import type { Running } from '@event-tracker/runtime';
import { noteAcknowledged, type Pool } from '@event-tracker/storage';
import type { ApiConfig } from '../config.ts';
import { type Acceptor, createAcceptor } from './accept-events.ts';
import type { BackPressure } from './back-pressure.ts';
import { startHeartbeat } from './heartbeat.ts';
import type { IngestMetrics } from './ingest-metrics.ts';
import type { Lanes } from './open-lanes.ts';

/** What takes events, and tells the books how many it has acknowledged. */
export function openAcceptor(
  deps: Running<ApiConfig> & {
    lanes: Lanes;
    pressure: BackPressure;
    metrics: IngestMetrics;
    /** Of the books. */
    pool: Pool;
    now(): number;
    onError(cause: unknown): void;
  },
): Acceptor {
  const { config, closers, lanes, pressure, metrics, pool, now, onError } = deps;
  const acceptor = createAcceptor({
    lane: lanes.spill,
    pressure,
    metrics,
    flushEventsMax: config.FLUSH_EVENTS_MAX,
    flushesInFlightMax: config.FLUSHES_IN_FLIGHT_MAX,
    flushEveryMs: config.FLUSH_EVERY_MS,
    pendingEventsMax: config.PENDING_EVENTS_MAX,
    pendingBytesMax: config.PENDING_BYTES_MAX,
    waitMaxMs: config.FLUSH_WAIT_MAX_MS,
    onError,
  });
  const heartbeat = startHeartbeat({
    acknowledged: acceptor.acknowledged,
    note: (count) => noteAcknowledged(pool, acceptor.producer, count),
    now,
    onError,
  });
  // Closed after the acceptor: its last flushes count.
  closers.add('heartbeat', () => heartbeat.close());
  closers.add('acceptor', () => acceptor.close());
  return acceptor;
}
