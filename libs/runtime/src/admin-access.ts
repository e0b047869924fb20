import type { IncomingMessage } from 'node:http';
import { authorizationKeys, createSecretCheck } from './secrets.ts';

/** Headers that a proxy adds: behind one, the socket's address says nothing about the client. */
const forwardingHeader =
  /^(forwarded|via|x-forwarded-.*|x-original-.*|x-real-ip|x-client-ip|x-cluster-client-ip|true-client-ip|cf-.*|fastly-client-ip|x-envoy-.*)$/;
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
    loopbackAddress.test(socket.remoteAddress ?? '') &&
    !Object.keys(headers).some((name) => forwardingHeader.test(name));
  // A foreign page's script can reach loopback through the visitor's browser, under a name of its own.
  return direct && loopbackHost.test(headers.host ?? '') && isOwnOrigin(headers.origin, headers.host);
}

/** The page of another server on this machine is foreign, too: the ports must agree. */
function isOwnOrigin(origin: string | undefined, host = ''): boolean {
  if (origin === undefined) return true;
  const parsed = URL.parse(origin);
  const own = URL.parse(`http://${host}`);
  return parsed !== null && own !== null && loopbackHost.test(parsed.host) && parsed.port === own.port;
}
