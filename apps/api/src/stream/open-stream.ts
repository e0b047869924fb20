import type { StatisticsWindow } from '@event-tracker/domain';
import { listenOn } from '@event-tracker/queue';
import { type Running, redisUrls } from '@event-tracker/runtime';
import { beatChannel, hasEvents, listenInRedis, type Pool } from '@event-tracker/storage';
import type { ApiConfig } from '../config.ts';
import type { Lanes } from '../ingest/open-lanes.ts';
import type { Statistics } from '../reads/statistics.ts';
import type { OpenRedis } from '../stores/redis-opener.ts';
import { type Broadcaster, createBroadcaster } from './broadcaster.ts';
import { createFrameMaker } from './make-frames.ts';
import { createWorkerWatch } from './worker-watch.ts';

/** The broadcaster of /api/stream, which hears what the workers tell. It is closed by whoever listens. */
export function openStream(
  deps: Running<ApiConfig> & {
    pool: Pool;
    openRedis: OpenRedis;
    statistics: Statistics;
    lanes: Pick<Lanes, 'spill' | 'watch'>;
    now(): number;
    /** Makes what is told when no frame could be made. */
    warn(what: string): (cause: unknown) => void;
    /** Told again and again while a store is away. */
    quietly(cause: unknown): void;
  },
): Broadcaster<StatisticsWindow> {
  const { config, closers, pool, openRedis, statistics, lanes, now, warn, quietly } = deps;
  const workers = createWorkerWatch({
    listenInRedis: (hear) =>
      listenInRedis(openRedis('beats', redisUrls(config).views, 'wait').redis, beatChannel, hear),
    listenInPostgres: (hear) => listenOn(pool, beatChannel, hear),
  });
  closers.add('worker watch', () => workers.close());
  const { breakers } = lanes.spill;
  return createBroadcaster({
    makeFrames: createFrameMaker({
      statistics,
      workers,
      lanes: () => [...lanes.watch.lanes()],
      breakers: () => ({
        fast: breakers.fast.isOpen() ? 'open' : 'closed',
        durable: breakers.durable.isOpen() ? 'open' : 'closed',
      }),
      hasEvents: () => hasEvents(pool),
      now,
      onError: quietly,
    }),
    readersMax: config.STREAM_READERS_MAX,
    onError: warn('no frame could be made'),
  });
}
