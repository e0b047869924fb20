import type { IncomingMessage, ServerResponse } from 'node:http';
import { authorizationKeys, type CheckAdmin, createSecretCheck } from '@event-tracker/runtime';
import { Problem } from './problem.ts';

/** Every place where a request may carry a key; a request is let in when one of them holds a good one. */
export function keysOf(request: IncomingMessage): string[] {
  const { authorization, 'x-write-key': header } = request.headers;
  const keys: string[] = [];
  if (typeof header === 'string') keys.push(header);
  if (authorization !== undefined) keys.push(...authorizationKeys(authorization));
  const query = request.url?.indexOf('?') ?? -1;
  if (query >= 0) {
    const inUrl = new URLSearchParams(request.url!.slice(query)).get('writeKey');
    if (inUrl !== null) keys.push(inUrl);
  }
  return keys;
}

/** Throws a Problem for a request that is not let in. */
export type RequestGuard = (request: IncomingMessage, response: ServerResponse) => void;

/** Throws 401 unless the request carries one of the keys, or an admin's cookie. Without any key configured it is open. */
export function createKeyGuard(
  keys: readonly string[],
  alsoGood: readonly string[],
  checkAdmin: CheckAdmin,
): RequestGuard {
  if (keys.length === 0) return () => {};
  const isGood = createSecretCheck([...keys, ...alsoGood]);
  return (request) => {
    const given = keysOf(request);
    if (given.some(isGood)) return;
    if (request.headers.cookie !== undefined && checkAdmin(request).status === 'granted') return;
    throw new Problem(401, given.length === 0 ? 'a key is required' : 'the key is not valid', {
      headers: { 'www-authenticate': 'Bearer realm="event-tracker"' },
    });
  };
}
