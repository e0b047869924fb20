import type { IncomingMessage } from 'node:http';
import { authorizationKeys, createSecretCheck, type RequestGuard } from './keys.ts';
import { Problem } from './problem.ts';

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

/** Admin routes: one of the tokens (401); with none configured, a direct request from this very machine (403). */
export function createAdminGuard(tokens: readonly string[]): RequestGuard {
  if (tokens.length === 0) return requireLoopback;
  const isToken = createSecretCheck(tokens);
  return ({ headers }) => {
    if (headers.authorization !== undefined && authorizationKeys(headers.authorization).some(isToken)) return;
    throw new Problem(401, 'an admin token is required', {
      headers: {
        'www-authenticate': [
          'Basic realm="event-tracker admin", charset="UTF-8"',
          'Bearer realm="event-tracker admin"',
        ],
      },
    });
  };
}

function requireLoopback({ headers, socket }: IncomingMessage): void {
  const direct =
    loopbackAddress.test(socket.remoteAddress ?? '') && !forwardingHeaders.some((name) => name in headers);
  // A foreign page's script can reach loopback through the visitor's browser, under a name of its own.
  const ownHost = loopbackHost.test(headers.host ?? '') && isOwnOrigin(headers.origin);
  if (direct && ownHost) return;
  throw new Problem(
    403,
    'without ADMIN_TOKENS the admin routes answer only to direct requests from this machine',
  );
}

function isOwnOrigin(origin: string | undefined): boolean {
  if (origin === undefined) return true;
  const parsed = URL.parse(origin);
  return parsed !== null && loopbackHost.test(parsed.host);
}
