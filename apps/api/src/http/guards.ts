import { type AdminSessions, createAdminAccess, createAdminSessions } from '@event-tracker/runtime';
import type { ApiConfig } from '../config.ts';
import { createAdminGuard, type OnAdminChange } from './admin-guard.ts';
import { createSessionGuard } from './admin-session.ts';
import { createClientAddress } from './client-address.ts';
import { createKeyGuard, type RequestGuard } from './keys.ts';
import { createClientOf, createRateLimit, limited, limitedFailures } from './rate-limit.ts';

export interface Guards {
  /** For ingest, all of /api, and the admin routes. */
  writeGuard: RequestGuard;
  apiGuard: RequestGuard;
  adminGuard: RequestGuard;
  /** For opening an admin session. */
  sessionGuard: RequestGuard;
  sessions: AdminSessions;
}

type Config = Pick<ApiConfig, 'WRITE_KEYS' | 'API_KEYS' | 'ADMIN_TOKENS' | 'RATE_LIMIT' | 'TRUST_PROXY'>;

export function createGuards(
  config: Config,
  /** `monotonic` in milliseconds since any moment. */
  { now, monotonic, onChange }: { now(): number; monotonic(): number; onChange: OnAdminChange },
): Guards {
  const { WRITE_KEYS: writeKeys, API_KEYS: apiKeys, ADMIN_TOKENS: tokens } = config;
  const sessions = createAdminSessions({ tokens, now });
  const checkAdmin = createAdminAccess(tokens, sessions);
  const guards = {
    writeGuard: createKeyGuard(writeKeys, [...apiKeys, ...tokens], checkAdmin),
    apiGuard: createKeyGuard(apiKeys, tokens, checkAdmin),
    adminGuard: createAdminGuard(checkAdmin, onChange),
    sessionGuard: createSessionGuard(tokens),
    sessions,
  };
  if (config.RATE_LIMIT === 0) return guards;

  const limit = createRateLimit(config.RATE_LIMIT, monotonic);
  const addressOf = createClientAddress(config.TRUST_PROXY);
  const secretKeys = [...apiKeys, ...tokens];
  const clientOf = (publicKeys: readonly string[]) =>
    createClientOf({ secretKeys, publicKeys, checkAdmin, addressOf });
  return {
    writeGuard: limited(guards.writeGuard, clientOf(writeKeys), limit),
    apiGuard: limited(guards.apiGuard, clientOf([]), limit),
    adminGuard: limitedFailures(guards.adminGuard, addressOf, limit),
    sessionGuard: limitedFailures(guards.sessionGuard, addressOf, limit),
    sessions,
  };
}
