import { adminChallenges, createAdminAccess } from '@event-tracker/runtime';
import type { RequestGuard } from './keys.ts';
import { Problem } from './problem.ts';

/** Admin routes: one of the tokens (401); with none configured, a direct request from this very machine (403). */
export function createAdminGuard(tokens: readonly string[]): RequestGuard {
  const accessOf = createAdminAccess(tokens);
  return (request) => {
    switch (accessOf(request)) {
      case 'granted':
        return;
      case 'token-required':
        throw new Problem(401, 'an admin token is required', {
          headers: { 'www-authenticate': adminChallenges },
        });
      case 'loopback-only':
        throw new Problem(
          403,
          'without ADMIN_TOKENS the admin routes answer only to direct requests from this machine',
        );
    }
  };
}
