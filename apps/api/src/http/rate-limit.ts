import type { IncomingMessage, ServerResponse } from 'node:http';
import { type CheckAdmin, createSecretIndex } from '@event-tracker/runtime';
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

/** Names the client whose allowance a request takes from. */
export type ClientOf = (request: IncomingMessage) => string;

/**
 * A secret key, or an admin, has one allowance wherever it is used. A public key is in the hands of every visitor of a
 * site, so each address that uses it has its own: one flooder shuts out nobody else. Requests without a good key share that
 * of their address, guesses included.
 */
export function createClientOf(deps: {
  secretKeys: readonly string[];
  publicKeys: readonly string[];
  checkAdmin: CheckAdmin;
  addressOf: ClientAddress;
}): ClientOf {
  const { secretKeys, publicKeys, checkAdmin, addressOf } = deps;
  const indexOf = createSecretIndex([...secretKeys, ...publicKeys]);
  return (request) => {
    let publicKey: string | undefined;
    for (const key of keysOf(request)) {
      const at = indexOf(key);
      if (at >= 0 && at < secretKeys.length) return `key ${key}`;
      if (at >= 0) publicKey = key;
    }
    if (request.headers.cookie !== undefined) {
      const access = checkAdmin(request);
      if (access.status === 'granted') return access.by;
    }
    const address = addressOf(request);
    return publicKey === undefined ? `address ${address}` : `key ${publicKey} address ${address}`;
  };
}

export function limited(guard: RequestGuard, clientOf: ClientOf, limit: RateLimit): RequestGuard {
  return (request, response) => {
    limit(clientOf(request), response);
    guard(request, response);
  };
}

/** Nobody who has a token is held up; who guesses is. */
export function limitedFailures(
  guard: RequestGuard,
  addressOf: ClientAddress,
  limit: RateLimit,
): RequestGuard {
  return (request, response) => {
    try {
      guard(request, response);
    } catch (cause) {
      limit(`address ${addressOf(request)}`, response);
      throw cause;
    }
  };
}
