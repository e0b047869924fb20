import { spawnSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { UserError } from '@event-tracker/infra';

/** Makes sure that `wrk` is there, installing it by apt as root on Debian and its kin. Throws a UserError. */
export function findWrk(): void {
  if (works() || (installByApt() && works())) return;
  throw new UserError(
    'The load generator wrk is missing: install it (`sudo apt-get install wrk`, `brew install wrk`) and run this again.',
  );
}

// With --version it prints its usage, too, and exits with 1.
function works(): boolean {
  return /^wrk /m.test(spawnSync('wrk', ['--version'], { encoding: 'utf8' }).stdout ?? '');
}

function installByApt(): boolean {
  if (process.getuid?.() !== 0 || !existsSync('/usr/bin/apt-get')) return false;
  console.log('The load generator wrk is missing: installing it by apt-get.');
  const env = { ...process.env, DEBIAN_FRONTEND: 'noninteractive' };
  const apt = (...args: string[]) =>
    spawnSync('apt-get', args, { stdio: ['ignore', 'inherit', 'inherit'], env }).status === 0;
  apt('update');
  return apt('install', '-y', '--no-install-recommends', 'wrk');
}
