import { createHash, timingSafeEqual } from 'node:crypto';
import type { IncomingMessage } from 'node:http';
import { Problem } from './problem.ts';

/** Tells whether a text is one of the secrets, in a time that does not depend on how much of it is right. */
export type SecretCheck = (candidate: string) => boolean;

export function createSecretCheck(secrets: readonly string[]): SecretCheck {
  const digests = secrets.map(digest);
  return (candidate) => {
    const given = digest(candidate);
    let found = false;
    for (const known of digests) found = timingSafeEqual(known, given) || found;
    return found;
  };
}

// Digests have one length, which timingSafeEqual asks for, and hide the length of the secret.
function digest(text: string): Buffer {
  return createHash('sha256').update(text).digest();
}

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

/** A bearer token; of HTTP Basic both the user name (where keys stand) and the password (where admin tokens stand). */
export function authorizationKeys(header: string): string[] {
  const [scheme = '', credentials = ''] = header.split(/\s+/, 2);
  if (scheme.toLowerCase() === 'bearer') return [credentials];
  if (scheme.toLowerCase() !== 'basic') return [];
  const decoded = Buffer.from(credentials, 'base64').toString('utf8');
  const colon = decoded.indexOf(':');
  const parts = colon < 0 ? [decoded] : [decoded.slice(0, colon), decoded.slice(colon + 1)];
  return parts.filter((part) => part !== '');
}

export type RequestGuard = (request: IncomingMessage) => void;

/** Throws 401 unless the request carries one of the keys. Without any key configured everybody is let in. */
export function createKeyGuard(keys: readonly string[], alsoGood: readonly string[]): RequestGuard {
  if (keys.length === 0) return () => {};
  const isGood = createSecretCheck([...keys, ...alsoGood]);
  return (request) => {
    const given = keysOf(request);
    if (given.some(isGood)) return;
    throw new Problem(401, given.length === 0 ? 'a key is required' : 'the key is not valid', {
      headers: { 'www-authenticate': 'Bearer realm="event-tracker"' },
    });
  };
}
