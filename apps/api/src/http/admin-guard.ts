import type { IncomingMessage } from 'node:http';
import { adminChallenges, adminRefusals, type CheckAdmin } from '@event-tracker/runtime';
import type { RequestGuard } from './keys.ts';
import { Problem } from './problem.ts';

export interface AdminChange {
  /** The token by its fingerprint, or the session of one. */
  by: string;
  method: string;
  path: string;
  status: number;
}

export type OnAdminChange = (change: AdminChange) => void;

const reads = new Set(['GET', 'HEAD', 'OPTIONS']);

/** For admin routes: refuses strangers, and reports every change once it is answered, with who made it. */
export function createAdminGuard(checkAdmin: CheckAdmin, onChange: OnAdminChange): RequestGuard {
  return (request, response) => {
    const access = checkAdmin(request);
    if (access.status === 'token-required') throw tokenRequired(request);
    if (access.status !== 'granted') throw new Problem(403, adminRefusals[access.status]);
    if (reads.has(request.method ?? '')) return;
    const { by } = access;
    const { method = '', url = '', originalUrl = url } = request as typeof request & { originalUrl?: string };
    const path = originalUrl.split('?')[0]!;
    response.once('finish', () => onChange({ by, method, path, status: response.statusCode }));
  };
}

export function tokenRequired(request: IncomingMessage): Problem {
  return new Problem(401, adminRefusals['token-required'], {
    headers: { 'www-authenticate': adminChallenges(request) },
  });
}
