import type { IncomingMessage } from 'node:http';
import { authorizationKeys, createSecretCheck } from './secrets.ts';

/** Headers that a proxy adds: behind one, the socket's address says nothing about the client. */
const forwardingHeaders = [
  'forwarded',
  'x-forwarded-for',
  'x-forwarded-host',
  'x-forwarded-proto',
  'x-real-ip',
  'via',
];
const loopbackAddress = /^(127\.\d+\.\d+\.\d+|::1|::ffff:127\.\d+\.\d+\.\d+)$/;
const loopbackHost = /^(localhost|127\.\d+\.\d+\.\d+|\[::1\])(:\d+)?$/i;

export type AdminAccess = 'granted' | 'token-required' | 'loopback-only';

/** Who gets in on admin routes: one of the tokens; with none configured, a direct request from this very machine. */
export function createAdminAccess(tokens: readonly string[]): (request: IncomingMessage) => AdminAccess {
  if (tokens.length === 0) return (request) => (isFromLoopback(request) ? 'granted' : 'loopback-only');
  const isToken = createSecretCheck(tokens);
  return ({ headers: { authorization } }) =>
    authorization !== undefined && authorizationKeys(authorization).some(isToken)
      ? 'granted'
      : 'token-required';
}

/** Sent with `token-required`. */
export const adminChallenges = [
  'Basic realm="event-tracker admin", charset="UTF-8"',
  'Bearer realm="event-tracker admin"',
];

function isFromLoopback({ headers, socket }: IncomingMessage): boolean {
  const direct =
    loopbackAddress.test(socket.remoteAddress ?? '') && !forwardingHeaders.some((name) => name in headers);
  // A foreign page's script can reach loopback through the visitor's browser, under a name of its own.
  return direct && loopbackHost.test(headers.host ?? '') && isOwnOrigin(headers.origin);
}

function isOwnOrigin(origin: string | undefined): boolean {
  if (origin === undefined) return true;
  const parsed = URL.parse(origin);
  return parsed !== null && loopbackHost.test(parsed.host);
}
