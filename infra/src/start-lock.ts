import { join } from 'node:path';
import { readRunningStores } from '@event-tracker/runtime';
import { tryLock } from '../setup/shared.mjs';
import { UserError } from './user-error.ts';

/** One `npm start` a checkout. Returns the release; throws a UserError that names the other one. */
export function takeStartLock(root: string, dataDir: string): () => void {
  const { release, heldBy } = tryLock(join(dataDir, 'start.lock'), join(root, 'infra/src/start.ts'));
  if (release) return release;
  const address = readRunningStores()?.apiUrl ?? 'still starting, or ending';
  throw new UserError(
    [
      `Event Tracker already runs in this checkout: process ${heldBy}, ${address}.`,
      `End it first, by Ctrl-C or \`kill ${heldBy}\`. To add to it: npm run start:worker, or PORT=8090 npm run start:api.`,
    ].join('\n'),
  );
}
