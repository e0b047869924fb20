import type { IncomingMessage } from 'node:http';
import {
  type AdminSessions,
  adminRefusals,
  bearerToken,
  createSecretCheck,
  fingerprint,
} from '@event-tracker/runtime';
import { type RequestHandler, Router } from 'express';
import { type OnAdminChange, tokenRequired } from './admin-guard.ts';
import type { RequestGuard } from './keys.ts';
import { onlyMethods } from './only-methods.ts';
import { Problem } from './problem.ts';

const bearerOf = ({ headers }: IncomingMessage) => bearerToken(headers.authorization ?? '') ?? '';

/**
 * For opening a session: a bearer token and nothing else. With what a browser adds to requests by itself, a password or a
 * cookie, a foreign page could open a session as its own, and a session could outlive its time.
 */
export function createSessionGuard(tokens: readonly string[]): RequestGuard {
  const isToken = createSecretCheck(tokens);
  return (request) => {
    if (tokens.length === 0) throw new Problem(403, adminRefusals['no-tokens']);
    if (!isToken(bearerOf(request))) throw tokenRequired(request);
  };
}

export interface AdminSessionDeps {
  sessions: AdminSessions;
  /** For opening a session, and for ending one. */
  sessionGuard: RequestHandler;
  adminGuard: RequestHandler;
  hours: number;
  /** Where the browser sends the cookie: all of the API, because a token is good for all of it. */
  path: string;
  onChange: OnAdminChange;
}

/** Exchanges a token for a cookie, so that no page has to keep it. */
export function adminSessionRoutes(deps: AdminSessionDeps): Router {
  const { sessions, sessionGuard, adminGuard, hours, path, onChange } = deps;
  const router = Router();
  router
    .route('/')
    .post(sessionGuard, (request, response) => {
      const token = bearerOf(request);
      const cookie = sessions.open(token, request.headers.origin ?? '', { hours, path });
      response.set({ 'set-cookie': cookie, 'cache-control': 'no-store' }).status(204).end();
      const by = `token ${fingerprint(token)}`;
      onChange({ by, method: 'POST', path: '/admin/session', status: 204 });
    })
    .delete(adminGuard, (_request, response) => {
      response.set('set-cookie', sessions.end(path)).status(204).end();
    })
    .all(adminGuard, onlyMethods('POST', 'DELETE'));
  return router;
}
