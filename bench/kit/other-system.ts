import { join } from 'node:path';
import { UserError } from '@event-tracker/infra';
import type { Closers } from '@event-tracker/runtime';
import { runProgram, writeCommitTree } from '@event-tracker/testing';
import { createDataFolder } from './data-folder.ts';
import { processesOf, type System } from './system.ts';

/**
 * The product as another commit has it: its files in a temporary folder, with this checkout's packages where they are the
 * same, else with packages of its own. The folder goes with the closers. Throws a UserError.
 */
export function openOtherSystem(commit: string, closers: Closers): System & { root: string } {
  const folder = createDataFolder();
  closers.add(`files of ${commit}`, folder.remove);
  const root = join(folder.path, 'tree');
  let hash: string;
  try {
    hash = writeCommitTree(commit, root);
  } catch (cause) {
    throw new UserError(`--vs: ${(cause as Error).message}`);
  }
  return {
    name: `commit ${hash}`,
    root,
    ...processesOf(root),
    async migrate(databaseUrl) {
      const { code, output, errors } = await runProgram(
        'apps/worker/src/migrate.ts',
        { DATABASE_URL: databaseUrl },
        root,
      );
      if (code !== 0) throw new UserError(`--vs: the migration of ${hash} failed: ${output}${errors}`);
    },
  };
}
