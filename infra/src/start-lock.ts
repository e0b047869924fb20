import { join } from 'node:path';
import { readRunningStores } from '@event-tracker/runtime';
import { commandLine, tryLock } from '../setup/shared.mjs';
import { UserError } from './user-error.ts';

/** One `npm start`, or one restore, a checkout. Returns the release; throws a UserError that names the other one. */
export function takeStartLock(root: string, dataDir: string): () => void {
  // Both programs lie there, and are run by their whole paths.
  const { release, heldBy } = tryLock(join(dataDir, 'start.lock'), join(root, 'infra/src/'));
  if (release) return release;
  if (commandLine(heldBy)?.includes('restore.ts'))
    throw new UserError(`A restore is under way in this checkout: process ${heldBy}. Wait for its end.`);
  const address = readRunningStores()?.apiUrl ?? 'still starting, or ending';
  throw new UserError(
    [
      `Event Tracker already runs in this checkout: process ${heldBy}, ${address}.`,
      `End it first, by Ctrl-C or \`kill ${heldBy}\`. To add to it: npm run start:worker, or PORT=8090 npm run start:api.`,
    ].join('\n'),
  );
}
