import { findProgram } from './find-program.mjs';

/**
 * The first redis-server 7 or newer, or else valkey-server, of the PATH.
 * Returns `{ path, version }`, or `{ tooOld }` with a line for each Redis that was found and is too old.
 */
export const findRedis = (env = process.env) =>
  findProgram({
    names: ['redis-server', 'valkey-server'],
    version: /\bv=(\d+(?:\.\d+)*)/,
    oldest: 7,
    env,
  });

/** What to tell someone who has no usable Redis. `tooOld` as findRedis gives it, `why` an explanation of its own. */
export function redisAdvice({ tooOld = [], why } = {}) {
  return [
    'Redis is missing: there is no redis-server (7 or newer) and no valkey-server on the PATH.',
    ...tooOld.map((line) => `  Found, but too old: ${line}.`),
    ...(why ? [`  ${why}`] : []),
    '',
    'Install it, then run the same command again:',
    '  macOS           brew install redis',
    '  Debian, Ubuntu  sudo apt-get install redis-server    (before Debian 12 and Ubuntu 24.04: see https://redis.io/downloads)',
    '  Fedora, RHEL    sudo dnf install valkey',
    '  Arch Linux      sudo pacman -S valkey',
    'Only the program is used; a Redis service of the system may stay off.',
    'For `npm start`, REDIS_URL=redis://... points to a Redis that runs elsewhere, instead.',
  ].join('\n');
}
