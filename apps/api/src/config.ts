import {
  basePath,
  commonConfig,
  metricsConfig,
  parseConfig,
  secretList,
  wholeNumber,
  withRedis,
  withRunningStores,
} from '@event-tracker/runtime';
import { z } from 'zod';
import type { Gauge, Marks } from './ingest/back-pressure.ts';

/** The first of two marks is a share of the second unless it is given. */
const firstMark = (second: number) => Math.ceil(second * 0.8);

const flag = z
  .enum(['true', 'false'], { error: 'must be true or false' })
  .transform((text) => text === 'true');

const variables = z.object({
  ...commonConfig,
  ...metricsConfig,
  PORT: wholeNumber(0, 65_535).default(8080),
  WRITE_KEYS: secretList,
  API_KEYS: secretList,
  /** From the first mark on clicks and page views are refused, from the second on every event. Waiting on both lanes: */
  BACKLOG_SHED_EVENTS: wholeNumber(1, 1_000_000_000).optional(),
  BACKLOG_MAX_EVENTS: wholeNumber(1, 1_000_000_000).default(5_000_000),
  /** Age of the oldest batch: well below the worker's OUTAGE_HOURS_MAX, from which on nothing could be committed. */
  BACKLOG_SHED_SECONDS: wholeNumber(1, 31_536_000).default(86_400),
  BACKLOG_MAX_SECONDS: wholeNumber(1, 31_536_000).default(172_800),
  /** Used memory of the fast lane's Redis in percent of its `maxmemory`. */
  REDIS_MEMORY_SHED_PERCENT: wholeNumber(1, 100).default(80),
  REDIS_MEMORY_MAX_PERCENT: wholeNumber(1, 100).default(95),
  /** Waiting on the durable lane alone. */
  SPILL_SHED_EVENTS: wholeNumber(1, 1_000_000_000).optional(),
  SPILL_MAX_EVENTS: wholeNumber(1, 1_000_000_000).default(2_000_000),
  /** The last measure of a lane that can't be measured any more counts for so long. */
  LANE_MEASURE_SECONDS_MAX: wholeNumber(1, 3600).default(10),
  /** A flush closes at so many events. One flush is one job. */
  FLUSH_EVENTS_MAX: wholeNumber(1, 10_000).default(500),
  /** A flush begins so long after the one before it at the earliest, unless many wait; 0: no request waits for company. */
  FLUSH_EVERY_MS: wholeNumber(0, 1000).default(5),
  /** Flushes under way at a time. */
  FLUSHES_IN_FLIGHT_MAX: wholeNumber(1, 64).default(2),
  /** Events that wait for their flush in this process; ingest is refused beyond. */
  PENDING_EVENTS_MAX: wholeNumber(1, 10_000_000).default(50_000),
  /** The same by what these events take in memory. */
  PENDING_BYTES_MAX: wholeNumber(1024, 68_719_476_736).default(67_108_864),
  /** A request that waits for the end of its flush for longer is answered with 503: its client is about to give up. */
  FLUSH_WAIT_MAX_MS: wholeNumber(50, 600_000).default(10_000),
  /** How long a browser stays signed in with the cookie that it was given for a token. */
  ADMIN_SESSION_HOURS: wholeNumber(1, 8760).default(168),
  /** Where a proxy serves this, whether it takes the prefix off or not. */
  BASE_PATH: basePath,
  /** Requests a second per secret key, per public key and address, or per address without a key; 0: no limit. */
  RATE_LIMIT: wholeNumber(0, 1_000_000).default(0),
  /** Proxies in front whose X-Forwarded-For is believed. */
  TRUST_PROXY: wholeNumber(0, 10).default(0),
  /** Origins whose pages may send events; `*`: any. Empty: none but this host's own. */
  CORS_ORIGINS: z
    .string()
    .default('*')
    .transform((text) => text.split(',').map((origin) => origin.trim()))
    .refine(
      (origins) => origins.every((origin) => origin === '*' || URL.parse(origin)?.origin === origin),
      'must be *, or origins such as https://shop.example.com, separated by commas',
    ),
  /** Names of headers that a preflight may ask for, of 128 characters at most. */
  CORS_HEADERS_MAX: wholeNumber(1, 1000).default(64),
  CONNECTIONS_MAX: wholeNumber(1, 1_000_000).default(10_000),
  HEADER_BYTES_MAX: wholeNumber(1024, 1_048_576).default(16_384),
  URL_BYTES_MAX: wholeNumber(256, 1_048_576).default(8192),
  /** From a request's first byte to the end of its headers, and of its body: slow clients do not hold a connection. */
  HEADERS_TIMEOUT_MS: wholeNumber(100, 3_600_000).default(15_000),
  REQUEST_TIMEOUT_MS: wholeNumber(100, 3_600_000).default(60_000),
  /** Longer than a balancer keeps its own idle connections, or it meets one that was closed a moment ago. */
  KEEP_ALIVE_TIMEOUT_MS: wholeNumber(100, 3_600_000).default(65_000),
  /** How long /readyz says 503 before the listener closes, so that balancers turn away first. */
  DRAIN_DELAY_MS: wholeNumber(0, 8000).default(2000),
  BODY_BYTES_MAX: wholeNumber(1024, 1_073_741_824).default(1_048_576),
  BODY_INFLATED_BYTES_MAX: wholeNumber(1024, 1_073_741_824).default(8_388_608),
  /** All bodies that are being read, decompressed ones included. Beyond, the largest and slowest are refused. */
  BODIES_BYTES_MAX: wholeNumber(1024, 68_719_476_736).default(67_108_864),
  BATCH_EVENTS_MAX: wholeNumber(1, 100_000).default(1000),
  /** How long Redis may take over a command before the request is answered without it. */
  REDIS_TIMEOUT_MS: wholeNumber(50, 60_000).default(500),
  /** How long a lane may take over a batch. Both together bound how late ingest is refused while both are away. */
  FAST_LANE_TIMEOUT_MS: wholeNumber(50, 60_000).default(300),
  DURABLE_LANE_TIMEOUT_MS: wholeNumber(50, 60_000).default(400),
  /** How long a transaction of likes may take, and a like by route in all, before it is answered with 503. */
  LIKES_TIMEOUT_MS: wholeNumber(50, 60_000).default(4000),
  LIKES_WAIT_MAX_MS: wholeNumber(50, 60_000).default(8000),
  /** Likes by route that are one transaction at most, transactions under way at a time, and likes that wait for theirs. */
  LIKES_GROUP_MAX: wholeNumber(1, 10_000).default(100),
  LIKES_IN_FLIGHT_MAX: wholeNumber(1, 64).default(2),
  LIKES_PENDING_MAX: wholeNumber(1, 1_000_000).default(5000),
  /** Search and popular posts are cached: so long and up to so much more, so long when there is nothing. */
  CACHE_TTL_MS: wholeNumber(100, 60_000).default(60_000),
  CACHE_JITTER_MS: wholeNumber(0, 10_000).default(10_000),
  CACHE_NOTHING_TTL_MS: wholeNumber(1, 60_000).default(5000),
  /** A process that queries for all others and dies keeps them waiting for the lesser of the two. */
  CACHE_LOCK_TTL_MS: wholeNumber(100, 60_000).default(5000),
  CACHE_LOCK_WAIT_MS: wholeNumber(0, 60_000).default(1000),
  CACHE_ENTRIES_MAX: wholeNumber(1, 10_000_000).default(10_000),
  /** For reads. docs/operations.md has what comes to that. */
  DATABASE_CONNECTIONS_MAX: wholeNumber(1, 1000).default(4),
  DATABASE_TIMEOUT_MS: wholeNumber(100, 600_000).default(5000),
  /** Readers of /api/stream at a time; a thousand of them take one process about a twentieth of a core. */
  STREAM_READERS_MAX: wholeNumber(1, 1_000_000).default(2000),
  /** Committed jobs that stay to be looked at on the queue board, and entries of BullMQ's event stream. */
  COMPLETED_JOBS_MAX: wholeNumber(0, 100_000).default(100),
  QUEUE_EVENTS_MAX: wholeNumber(100, 1_000_000).default(1000),
  /** The board shows and changes nothing. */
  QUEUE_BOARD_READ_ONLY: flag.default(false),
  /** The board shows what a batch says about itself, and not the events in it: those are personal data. */
  QUEUE_BOARD_REDACTED: flag.default(false),
});

const marks = [
  ['BACKLOG_SHED_EVENTS', 'BACKLOG_MAX_EVENTS'],
  ['BACKLOG_SHED_SECONDS', 'BACKLOG_MAX_SECONDS'],
  ['REDIS_MEMORY_SHED_PERCENT', 'REDIS_MEMORY_MAX_PERCENT'],
  ['SPILL_SHED_EVENTS', 'SPILL_MAX_EVENTS'],
] as const satisfies [keyof z.infer<typeof variables>, keyof z.infer<typeof variables>][];

/** Whatever else is wrong: the two are compared where each is a number, and that they are not has been told else. */
export const apiConfig = withRedis(variables).superRefine(
  (config, context) => {
    for (const [first, second] of [...marks, ['HEADERS_TIMEOUT_MS', 'REQUEST_TIMEOUT_MS'] as const]) {
      const [low, high]: unknown[] = [config[first], config[second]];
      if (typeof low !== 'number' || typeof high !== 'number' || low <= high) continue;
      context.addIssue({ code: 'custom', path: [first], message: `must be at most ${second} (${high})` });
    }
    checkBodies(config, context);
  },
  { when: () => true },
);

/** One body alone must be within the budget of all: as sent, decompressed, and what its chunks take beside their bytes. */
function checkBodies(config: Partial<z.infer<typeof variables>>, context: z.RefinementCtx): void {
  const { BODY_BYTES_MAX: sent, BODY_INFLATED_BYTES_MAX: inflated, BODIES_BYTES_MAX: all } = config;
  const least = Math.ceil(1.1 * (Number(sent) + Number(inflated)));
  if (!(Number(all) < least)) return;
  const message = `must be at least ${least}: BODY_BYTES_MAX, BODY_INFLATED_BYTES_MAX and a tenth more`;
  context.addIssue({ code: 'custom', path: ['BODIES_BYTES_MAX'], message });
}

export type ApiConfig = z.infer<typeof apiConfig>;

/** The marks of each gauge of back-pressure. */
export function backPressureMarks(config: ApiConfig): Record<Gauge, Marks> {
  const [depth, age, memory, spill] = marks.map(([first, second]) => ({
    shed: config[first] ?? firstMark(config[second]),
    max: config[second],
  }));
  return { depth: depth!, age: age!, memory: memory!, spill: spill! };
}

export function loadConfig(env: Record<string, string | undefined>): ApiConfig {
  return parseConfig(apiConfig, withRunningStores(env));
}
