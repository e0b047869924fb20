import type { IncomingMessage, ServerResponse } from 'node:http';
import type { SecretCheck } from '@event-tracker/runtime';
import type { ClientAddress } from './client-address.ts';
import { keysOf, type RequestGuard } from './keys.ts';
import { Problem } from './problem.ts';

/** Counts requests of a client, and throws 429 for one too many. */
export type RateLimit = (client: string, response: ServerResponse) => void;

/** An allowance is full again after so long, in milliseconds: what was not asked for since need not be remembered. */
const fullAfterMs = 1000;

/**
 * A bucket of `perSecond` requests a client, which fills up as steadily. In this process: with replicas each client has
 * as many allowances. The clients of the last two seconds are remembered, in two generations, so nothing grows.
 */
export function createRateLimit(perSecond: number, now: () => number): RateLimit {
  const costMs = 1000 / perSecond;
  const limitHeaders = { 'ratelimit-limit': String(perSecond) };
  // When each bucket will be full again.
  let young = new Map<string, number>();
  let old = new Map<string, number>();
  let bornAt = now();

  return (client, response) => {
    const at = now();
    if (at - bornAt >= fullAfterMs) {
      old = at - bornAt < 2 * fullAfterMs ? young : new Map();
      young = new Map();
      bornAt = at;
    }
    const fullAt = Math.max(young.get(client) ?? old.get(client) ?? at, at) + costMs;
    const over = fullAt - at - fullAfterMs;
    // Steps of a fraction of a millisecond do not add up exactly.
    const refused = over > costMs / 1000;
    if (!refused) young.set(client, fullAt);
    response.setHeader('ratelimit-limit', limitHeaders['ratelimit-limit']);
    response.setHeader('ratelimit-remaining', refused ? 0 : Math.floor(-over / costMs + 0.001));
    response.setHeader('ratelimit-reset', Math.ceil((refused ? over : fullAt - at) / 1000));
    if (refused) {
      throw new Problem(429, `at most ${perSecond} requests a second are allowed`, {
        headers: { 'retry-after': String(Math.max(1, Math.ceil(over / 1000))) },
      });
    }
  };
}

export interface Limited {
  limit: RateLimit;
  addressOf: ClientAddress;
}

/** Each good key has an allowance; requests without one share that of their address, guesses included. */
export function limited(
  guard: RequestGuard,
  isGood: SecretCheck,
  { limit, addressOf }: Limited,
): RequestGuard {
  return (request, response) => {
    const key = keysOf(request).find(isGood);
    limit(key === undefined ? `address ${addressOf(request)}` : `key ${key}`, response);
    guard(request, response);
  };
}

/** Nobody who has a token is held up; whoever guesses is. */
export function limitedFailures(guard: RequestGuard, { limit, addressOf }: Limited): RequestGuard {
  return (request: IncomingMessage, response) => {
    try {
      guard(request, response);
    } catch (cause) {
      limit(`address ${addressOf(request)}`, response);
      throw cause;
    }
  };
}
