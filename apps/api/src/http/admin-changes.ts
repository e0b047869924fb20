import { createHash } from 'node:crypto';
import type { IncomingMessage } from 'node:http';
import { authorizationKeys, createSecretCheck } from '@event-tracker/runtime';
import type { RequestHandler } from 'express';
import { Problem } from './problem.ts';

export interface AdminChange {
  /** The token's fingerprint, or `loopback` where none is configured. */
  by: string;
  method: string;
  path: string;
  status: number;
}

const reads = new Set(['GET', 'HEAD', 'OPTIONS']);

/**
 * Every change by an admin is told, when it is answered, with who made it; and none is made from a foreign page, whose
 * requests a browser sends with the admin's own password.
 */
export function adminChanges(deps: {
  tokens: readonly string[];
  onChange(change: AdminChange): void;
}): RequestHandler {
  const isToken = createSecretCheck(deps.tokens);
  return (request, response, next) => {
    if (reads.has(request.method)) return next();
    requireOwnPage(request);
    const { method, headers } = request;
    // Routers below shorten it.
    const path = request.originalUrl.split('?')[0]!;
    const token = authorizationKeys(headers.authorization ?? '').find(isToken);
    const by = token === undefined ? 'loopback' : `token ${fingerprint(token)}`;
    response.once('finish', () => deps.onChange({ by, method, path, status: response.statusCode }));
    next();
  };
}

/** Tells tokens apart, and none of it: `printf %s TOKEN | sha256sum | cut -c1-8`. */
function fingerprint(token: string): string {
  return createHash('sha256').update(token).digest('hex').slice(0, 8);
}

/** Browsers say where a request comes from; programs say nothing, and are no page's doing. */
function requireOwnPage({ headers }: IncomingMessage): void {
  const site = headers['sec-fetch-site'];
  const own = site === undefined ? isOwnOrigin(headers) : site === 'same-origin' || site === 'none';
  if (!own) throw new Problem(403, 'changes are made from pages of this address alone');
}

function isOwnOrigin({ origin, host }: IncomingMessage['headers']): boolean {
  return origin === undefined || URL.parse(origin)?.host === host;
}
