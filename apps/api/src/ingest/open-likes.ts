import type { Running } from '@event-tracker/runtime';
import { classifyFailure, createLikes, type Pool } from '@event-tracker/storage';
import type { ApiConfig } from '../config.ts';
import type { Acceptor } from './accept-events.ts';
import { createLikeDesk, type LikeDesk } from './like-desk.ts';
import type { Lanes } from './open-lanes.ts';

/** The desk of the like routes, with connections of its own. */
export function openLikes(
  deps: Running<ApiConfig> & {
    pool: Pool;
    lanes: Pick<Lanes, 'durable' | 'watch'>;
    acceptor: Acceptor;
    now(): number;
  },
): LikeDesk {
  const { config, log, closers, pool, lanes, acceptor, now } = deps;
  const likes = createLikeDesk({
    likes: createLikes({ pool, lane: lanes.durable }),
    acceptor,
    onAdded: (events) => lanes.watch.added(events, 'durable'),
    limitMs: config.LIKES_TIMEOUT_MS,
    waitMaxMs: config.LIKES_WAIT_MAX_MS,
    groupMax: config.LIKES_GROUP_MAX,
    inFlightMax: config.LIKES_IN_FLIGHT_MAX,
    pendingMax: config.LIKES_PENDING_MAX,
    now,
    // An outage is told once, by the pool.
    onError: (cause) =>
      log[classifyFailure(cause) === 'away' ? 'debug' : 'warn']({ err: cause }, 'a like could not be set'),
  });
  closers.add('likes', () => likes.close());
  return likes;
}
