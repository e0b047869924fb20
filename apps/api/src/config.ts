import {
  commonConfig,
  parseConfig,
  secretList,
  wholeNumber,
  withRunningStores,
} from '@event-tracker/runtime';
import { z } from 'zod';

export const apiConfig = z.object({
  ...commonConfig,
  PORT: wholeNumber(0, 65_535).default(8080),
  WRITE_KEYS: secretList,
  API_KEYS: secretList,
  ADMIN_TOKENS: secretList,
  /** Ingest is refused beyond so many events waiting on the lane. */
  BACKLOG_MAX_EVENTS: wholeNumber(1, 1_000_000_000).default(5_000_000),
  /** A flush closes at so many events. One flush is one job. */
  FLUSH_EVENTS_MAX: wholeNumber(1, 10_000).default(500),
  /** Flushes under way at a time. */
  FLUSHES_IN_FLIGHT_MAX: wholeNumber(1, 64).default(2),
  /** Events that wait for their flush in this process; ingest is refused beyond. */
  PENDING_EVENTS_MAX: wholeNumber(1, 10_000_000).default(50_000),
  BODY_BYTES_MAX: wholeNumber(1024, 1_073_741_824).default(1_048_576),
  BODY_INFLATED_BYTES_MAX: wholeNumber(1024, 1_073_741_824).default(8_388_608),
  BATCH_EVENTS_MAX: wholeNumber(1, 100_000).default(1000),
  /** How long Redis may take over a command before the request is answered without it. */
  REDIS_TIMEOUT_MS: wholeNumber(50, 60_000).default(500),
  /** How long a lane may take over a batch. Both together bound how late ingest is refused while both are away. */
  FAST_LANE_TIMEOUT_MS: wholeNumber(50, 60_000).default(300),
  DURABLE_LANE_TIMEOUT_MS: wholeNumber(50, 60_000).default(400),
  DATABASE_CONNECTIONS_MAX: wholeNumber(1, 1000).default(10),
  DATABASE_TIMEOUT_MS: wholeNumber(100, 600_000).default(5000),
  /** Committed jobs that stay to be looked at on the queue board, and entries of BullMQ's event stream. */
  COMPLETED_JOBS_MAX: wholeNumber(0, 100_000).default(100),
  QUEUE_EVENTS_MAX: wholeNumber(100, 1_000_000).default(1000),
});

export type ApiConfig = z.infer<typeof apiConfig>;

export function loadConfig(env: Record<string, string | undefined>): ApiConfig {
  return parseConfig(apiConfig, withRunningStores(env));
}
