import { withTimeout } from './with-timeout.ts';

/**
 * A check rejects when its dependency is down; the message is a reason for people. It resolves with what is wrong with
 * one that is up.
 */
export type HealthChecks = Record<string, () => Promise<readonly string[] | undefined>>;

export interface Readiness {
  status: 'ready' | 'degraded' | 'unavailable';
  dependencies: Record<string, 'up' | 'down'>;
  reasons: string[];
}

const checkLimitMs = 2000;

/**
 * Asks every dependency, each within 2 s, so that a store that hangs is seen. Ready needs all of them, with nothing wrong;
 * unavailable is a process that has a group in `needs` of which no member is up.
 */
export async function readiness(
  checks: HealthChecks,
  needs: readonly (readonly string[])[],
): Promise<Readiness> {
  const dependencies: Readiness['dependencies'] = {};
  const reasons: string[] = [];
  await Promise.all(
    Object.entries(checks).map(async ([name, check]) => {
      try {
        const concerns = await withTimeout(check(), checkLimitMs, `the check of ${name}`);
        dependencies[name] = 'up';
        reasons.push(...(concerns ?? []).map((concern) => `${name}: ${concern}`));
      } catch (cause) {
        dependencies[name] = 'down';
        reasons.push(`${name}: ${messageOf(cause)}`);
      }
    }),
  );
  const lost = needs.some((group) => group.every((name) => dependencies[name] === 'down'));
  return {
    status: reasons.length === 0 ? 'ready' : lost ? 'unavailable' : 'degraded',
    dependencies,
    reasons,
  };
}

/** Where a name stands for several addresses, Node's error has one cause for each and no message of its own. */
function messageOf(cause: unknown): string {
  if (cause instanceof AggregateError && cause.message === '') return cause.errors.map(messageOf).join(', ');
  return cause instanceof Error ? cause.message : String(cause);
}
