import { createSecretCheck } from '@event-tracker/runtime';
import type { ApiConfig } from '../config.ts';
import { createAdminGuard } from './admin-guard.ts';
import { createClientAddress } from './client-address.ts';
import { createKeyGuard, type RequestGuard } from './keys.ts';
import { createRateLimit, limited, limitedFailures } from './rate-limit.ts';

export interface Guards {
  /** For ingest, all of /api, and the admin routes. */
  writeGuard: RequestGuard;
  apiGuard: RequestGuard;
  adminGuard: RequestGuard;
}

type Config = Pick<ApiConfig, 'WRITE_KEYS' | 'API_KEYS' | 'ADMIN_TOKENS' | 'RATE_LIMIT' | 'TRUST_PROXY'>;

export function createGuards(config: Config, now: () => number): Guards {
  const { WRITE_KEYS: writeKeys, API_KEYS: apiKeys, ADMIN_TOKENS: tokens } = config;
  const writeGuard = createKeyGuard(writeKeys, [...apiKeys, ...tokens]);
  const apiGuard = createKeyGuard(apiKeys, tokens);
  const adminGuard = createAdminGuard(tokens);
  if (config.RATE_LIMIT === 0) return { writeGuard, apiGuard, adminGuard };

  const limit = createRateLimit(config.RATE_LIMIT, now);
  const rate = { limit, addressOf: createClientAddress(config.TRUST_PROXY) };
  return {
    writeGuard: limited(writeGuard, createSecretCheck([...writeKeys, ...apiKeys, ...tokens]), rate),
    apiGuard: limited(apiGuard, createSecretCheck([...apiKeys, ...tokens]), rate),
    adminGuard: limitedFailures(adminGuard, rate),
  };
}
