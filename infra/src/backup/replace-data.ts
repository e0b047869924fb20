import { existsSync, readFileSync, renameSync, rmSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { UserError } from '../user-error.ts';
import { syncFolder, writeKept } from './copy-files.ts';

/** Stands while data is exchanged: what it finds is neither all old nor all new. */
const markName = 'restore-unfinished';

/** What takes the place of what: `staged` is whole, and in the same folder as `place`. */
export interface Replacement {
  staged: string;
  place: string;
}

const replaced = (place: string): string => `${place}.replaced`;

/**
 * Puts all that is staged in its place, or says so until it is: a crash in the middle leaves the mark, with which `npm
 * start` refuses, and nothing is removed before all is in place. Running the restore again ends it.
 * `onStep` is called before each step.
 */
export async function replaceData(
  dataDir: string,
  replacements: readonly Replacement[],
  onStep: () => void = () => {},
): Promise<void> {
  onStep();
  await writeKept(dataDir, markName, `${new Date().toISOString()}\n`);
  await syncFolder(dataDir);
  for (const { staged, place } of replacements) {
    onStep();
    rmSync(replaced(place), { recursive: true, force: true });
    if (existsSync(place)) renameSync(place, replaced(place));
    onStep();
    renameSync(staged, place);
    await syncFolder(dirname(place));
  }
  onStep();
  rmSync(join(dataDir, markName));
  await syncFolder(dataDir);
  onStep();
  for (const { place } of replacements) rmSync(replaced(place), { recursive: true, force: true });
}

export const isUnfinished = (dataDir: string): boolean => existsSync(join(dataDir, markName));

/** Throws a UserError when a restore was interrupted while it exchanged the data. */
export function refuseUnfinished(dataDir: string): void {
  if (!isUnfinished(dataDir)) return;
  const since = readFileSync(join(dataDir, markName), 'utf8').trim();
  throw new UserError(
    `A restore (${since}) was interrupted, and ${dataDir} is not whole: run it again, npm run restore -- DIR.`,
  );
}
