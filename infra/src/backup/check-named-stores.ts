import type { RunningStores } from '@event-tracker/runtime';
import { UserError } from '../user-error.ts';

/**
 * A backup is of the `npm start` of this checkout. Throws a UserError where the environment names another store: a backup
 * of something else than was meant is noticed when it is needed.
 */
export function checkNamedStores(stores: RunningStores, env: NodeJS.ProcessEnv): void {
  const used = { DATABASE_URL: stores.databaseUrl, REDIS_URL: stores.redisUrl };
  const others = Object.entries(used).flatMap(([name, url]) =>
    env[name] && env[name] !== url ? [name] : [],
  );
  if (others.length === 0) return;
  const name = others.length > 1 ? 'name' : 'names';
  const without = others.map((variable) => `${variable}=`).join(' ');
  throw new UserError(
    `${others.join(' and ')} ${name} another store than those of the \`npm start\` that runs here. To back these up: ` +
      `${without} npm run backup -- DIR. Another one is backed up with its own tools (docs/operations.md).`,
  );
}
