import {
  chmodSync,
  cpSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  realpathSync,
  rmSync,
  symlinkSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';

const root = resolve(fileURLToPath(new URL('../../..', import.meta.url)));

const copied = [
  'apps',
  'libs',
  'infra',
  'demo',
  'locust',
  'test/random-events.ts',
  'package.json',
  'package-lock.json',
];

/** A checkout like this one with no data yet: our own files copied, the npm packages shared. */
export function createCheckout(mode = 0o755): { path: string; remove: () => void } {
  const path = realpathSync(mkdtempSync(join(tmpdir(), `event-tracker-test-${process.pid}-`)));
  chmodSync(path, mode);
  for (const name of copied) {
    cpSync(join(root, name), join(path, name), { recursive: true, verbatimSymlinks: true });
  }
  const packages = join(path, 'node_modules');
  mkdirSync(packages);
  for (const name of readdirSync(join(root, 'node_modules'))) {
    const source = join(root, 'node_modules', name);
    // Links to ../../libs and the like: to be those of the copy.
    if (name === '@event-tracker')
      cpSync(source, join(packages, name), { recursive: true, verbatimSymlinks: true });
    else symlinkSync(source, join(packages, name));
  }
  return { path, remove: () => rmSync(path, { recursive: true, force: true, maxRetries: 5 }) };
}
