import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import * as util from 'node:util';
import { SetUpError } from './set-up-error.mjs';

/**
 * Adds what the .env of the checkout's root sets and `env` does not: the environment wins, with an empty value, too.
 * Returns the names that were added; their values are nobody's to print.
 */
export function addEnvFile(root, env) {
  const file = join(root, '.env');
  const text = readIfThere(file);
  if (text === undefined) return [];
  if (!util.parseEnv)
    throw new SetUpError(`Node ${process.versions.node} can't read ${file}: use Node 20.12 or newer.`);
  const added = Object.entries(util.parseEnv(text.replace(/^\uFEFF/, ''))).filter(
    ([name]) => env[name] === undefined,
  );
  for (const [name, value] of added) env[name] = value;
  return added.map(([name]) => name);
}

export const settingsLine = (names) => `Settings from .env: ${names.sort().join(', ')}`;

function readIfThere(file) {
  try {
    return readFileSync(file, 'utf8');
  } catch (cause) {
    if (cause.code === 'ENOENT') return undefined;
    throw new SetUpError(`${file} can't be read (${cause.code}): mend its rights, or remove it.`);
  }
}
