import type { IncomingMessage } from 'node:http';
import { type AdminSessions, createAdminSessions } from './admin-session.ts';
import { isFromOwnPage } from './own-page.ts';
import { authorizationKeys, createSecretCheck, fingerprint } from './secrets.ts';

export type AdminAccess =
  /** `by` names the token by its fingerprint, for the log. */
  | { status: 'granted'; by: string }
  /** The credentials are good, but a page of another origin may have made the browser send them. */
  | { status: 'foreign-page' }
  | { status: 'token-required' }
  /** No token is configured: nobody can be let in. */
  | { status: 'no-tokens' };

export type CheckAdmin = (request: IncomingMessage) => AdminAccess;

const reads = new Set(['GET', 'HEAD', 'OPTIONS']);

/**
 * Decides who gets in on admin routes: a token as bearer or as password of HTTP Basic, or the cookie of a session. The
 * socket's address plays no part: behind a reverse proxy every client comes from loopback. Browsers add a password and a
 * cookie to requests by themselves, so changes have to come from a page of this origin.
 */
export function createAdminAccess(
  tokens: readonly string[],
  sessions: AdminSessions = createAdminSessions({ tokens, now: Date.now }),
): CheckAdmin {
  if (tokens.length === 0) return () => ({ status: 'no-tokens' });
  const isToken = createSecretCheck(tokens);
  return (request) => {
    const { headers, method } = request;
    const token = authorizationKeys(headers.authorization ?? '').find(isToken);
    const session = token === undefined ? sessions.find(request) : undefined;
    if (token === undefined && session === undefined) return { status: 'token-required' };
    if (!reads.has(method ?? '') && !isFromOwnPage(headers, session)) return { status: 'foreign-page' };
    const by = session ? `session of token ${session.fingerprint}` : `token ${fingerprint(token!)}`;
    return { status: 'granted', by };
  };
}

/**
 * The `WWW-Authenticate` of a 401. At a Basic challenge a browser asks for a password by itself, also when a script made
 * the request: scripts that handle a 401 themselves send `X-Requested-With` and get none.
 */
export function adminChallenges({ headers }: IncomingMessage): string[] {
  const bearer = 'Bearer realm="event-tracker admin"';
  if (headers['x-requested-with'] !== undefined) return [bearer];
  return ['Basic realm="event-tracker admin", charset="UTF-8"', bearer];
}

/** What a refusal says; texts for people. */
export const adminRefusals = {
  'foreign-page': 'changes are made from pages of this address alone',
  'token-required': 'an admin token is required',
  'no-tokens':
    'no admin token is configured: set ADMIN_TOKENS (with Docker Compose in the file .env) and start this again',
} as const satisfies { [Status in Exclude<AdminAccess['status'], 'granted'>]: string };
