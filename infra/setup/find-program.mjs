import { spawnSync } from 'node:child_process';
import { accessSync, constants } from 'node:fs';
import { delimiter, join } from 'node:path';

/** Package managers put programs there even where the PATH of a service or of root leaves it out. */
const usualFolders = ['/usr/local/bin', '/usr/bin', '/usr/local/sbin', '/usr/sbin', '/opt/homebrew/bin'];

/**
 * The first program of these names, in their order, that tells its version and is new enough.
 * Returns `{ path, version }`, or `{ tooOld }` with a line for each that was found and is too old.
 * `version` finds it in what the program says to `flag`, on either stream; `files` are whole paths to try after the folders.
 */
export function findProgram({
  names,
  version,
  flag = '--version',
  oldest = 0,
  files = [],
  env = process.env,
}) {
  const folders = new Set([...(env.PATH ?? '').split(delimiter).filter(Boolean), ...usualFolders]);
  const paths = names.flatMap((name) => [...folders].map((folder) => join(folder, name)));
  const tooOld = new Set();
  for (const path of [...paths, ...files]) {
    const found = versionOf(path, flag, version);
    if (found === undefined) continue;
    if (Number.parseInt(found, 10) >= oldest) return { path, version: found };
    tooOld.add(`${path} is version ${found}`);
  }
  return { tooOld: [...tooOld] };
}

function versionOf(path, flag, pattern) {
  try {
    accessSync(path, constants.X_OK);
  } catch {
    return undefined;
  }
  const { status, stdout, stderr } = spawnSync(path, [flag], { encoding: 'utf8', timeout: 10_000 });
  return status === 0 ? pattern.exec(`${stdout}\n${stderr}`)?.[1] : undefined;
}
