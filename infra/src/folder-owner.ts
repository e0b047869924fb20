import { statSync } from 'node:fs';
import { dirname } from 'node:path';
import { UserError } from './user-error.ts';

/** Throws a UserError when an ordinary user is about to use another user's folder, which ends in worse messages. */
export function checkOwner(dataDir: string): undefined {
  const { uid } = statSync(dataDir);
  if (uid === process.geteuid?.()) return;
  throw new UserError(
    `${dataDir} belongs to another user (id ${uid}), perhaps because root started this once. Start it as that user again; or remove it with all its data, \`sudo rm -rf ${dirname(dataDir)}\`, and begin anew.`,
  );
}
