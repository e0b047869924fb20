/**
 * `node --import ./infra/setup/load-env-file.mjs PROGRAM`: the program sees the .env of the checkout in its environment.
 * The commands do this, not the programs: tests, benchmarks and images start the same programs and read no such file.
 */
import { dirname } from 'node:path';
import { fileURLToPath } from 'node:url';
import { addEnvFile, settingsLine } from './env-file.mjs';

const root = dirname(dirname(dirname(fileURLToPath(import.meta.url))));

try {
  const names = addEnvFile(root, process.env);
  // Not on stdout, where the processes write JSON, a line each.
  if (names.length > 0) console.error(settingsLine(names));
  const late = names.filter((name) => name.startsWith('NODE_') && name !== 'NODE_ENV');
  if (late.length > 0)
    console.error(`${late.join(', ')}: Node reads this before .env. Set it in the environment instead.`);
} catch (cause) {
  console.error(cause.message);
  process.exit(1);
}
