import { setTimeout as pause } from 'node:timers/promises';
import type { LikeWish } from '@event-tracker/domain';
import { createGroupCommit } from '@event-tracker/queue';
import { withTimeout } from '@event-tracker/runtime';
import { classifyFailure, type LikeAnswer, type Likes } from '@event-tracker/storage';
import type { Acceptor } from './accept-events.ts';

/** `unavailable`: nothing was done, or it is not known what was. */
export type LikeOutcome = { status: 'done'; answer: LikeAnswer } | { status: 'unavailable'; reason: string };

export interface LikeDesk {
  submit(wish: Omit<LikeWish, 'receivedAt'>): Promise<LikeOutcome>;
  /** Settles what waits. */
  close(): Promise<void>;
}

const triesMax = 5;
const pauseMaxMs = 20;

interface Request {
  wish: LikeWish;
  /** Milliseconds of `performance.now`. */
  submittedAt: number;
  answer?: LikeAnswer;
}

/**
 * The group commit of the like routes: wishes that come together are one transaction, and one batch. So a post that
 * everybody likes at once has its row locked a few times, not a thousand times.
 */
export function createLikeDesk(deps: {
  likes: Likes;
  acceptor: Pick<Acceptor, 'admission' | 'producer' | 'acknowledged' | 'acknowledge'>;
  /** Told how many events were put on the lane. */
  onAdded(events: number): void;
  /** The longest that a transaction takes, and that a client waits in all; in milliseconds. */
  limitMs: number;
  waitMaxMs: number;
  groupMax: number;
  inFlightMax: number;
  pendingMax: number;
  now(): number;
  onError(cause: unknown): void;
}): LikeDesk {
  const { likes, acceptor, onAdded, limitMs, waitMaxMs, now, onError } = deps;
  let failedAt = Number.NEGATIVE_INFINITY;

  async function flush(requests: Request[]): Promise<void> {
    // Who was told 503 already would be surprised by a like that is toggled after all. And who waited while a transaction
    // found PostgreSQL away has waited for long enough.
    const since = Math.max(performance.now() - waitMaxMs, failedAt);
    const waiting = requests.filter(({ submittedAt }) => submittedAt > since);
    if (waiting.length === 0) return;
    const { answers, events } = await withTimeout(
      fulfil(waiting.map(({ wish }) => wish)),
      limitMs,
      'a transaction of likes',
    ).catch((cause: unknown) => {
      failedAt = performance.now();
      throw cause;
    });
    acceptor.acknowledge(events);
    onAdded(events);
    waiting.forEach((request, at) => {
      request.answer = answers[at]!;
    });
  }

  /** Tried again only where PostgreSQL says that it rolled back: whatever else failed may have been committed. */
  async function fulfil(wishes: LikeWish[]) {
    const beganAt = performance.now();
    for (let tries = 1; ; tries += 1) {
      try {
        return await likes.fulfil(wishes, {
          id: acceptor.producer,
          acknowledged: acceptor.acknowledged(),
        });
      } catch (cause) {
        const again =
          classifyFailure(cause) === 'conflict' && tries < triesMax && performance.now() - beganAt < limitMs;
        if (!again) throw cause;
        await pause(Math.random() * pauseMaxMs * tries);
      }
    }
  }

  const group = createGroupCommit<Request>({
    flush,
    sizeOf: () => 1,
    groupMax: deps.groupMax,
    inFlightMax: deps.inFlightMax,
    pendingMax: deps.pendingMax,
  });

  return {
    async submit(wish) {
      const admits = acceptor.admission();
      if (!admits('LIKE') || !admits('UNLIKE'))
        return { status: 'unavailable', reason: 'too many events wait to be processed' };
      const request: Request = {
        wish: { ...wish, receivedAt: now() },
        submittedAt: performance.now(),
      };
      try {
        await withTimeout(group.submit(request), waitMaxMs, 'the like');
      } catch (cause) {
        onError(cause);
      }
      return request.answer
        ? { status: 'done', answer: request.answer }
        : {
            status: 'unavailable',
            reason: 'PostgreSQL did not say that it is done; read the state, or ask again later',
          };
    },
    close: () => group.close(),
  };
}
