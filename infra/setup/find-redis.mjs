import { execFileSync } from 'node:child_process';
import { accessSync, constants } from 'node:fs';
import { delimiter, join } from 'node:path';

const oldestRedis = 7;

/** Package managers put the server there even where the PATH of a service or of root leaves it out. */
const usualFolders = ['/usr/local/bin', '/usr/bin', '/usr/local/sbin', '/usr/sbin', '/opt/homebrew/bin'];

/**
 * The first redis-server 7 or newer, or else valkey-server, of the PATH.
 * Returns `{ path, version }`, or `{ tooOld }` with a line for each Redis that was found and is too old.
 */
export function findRedis(env = process.env) {
  const folders = new Set([...(env.PATH ?? '').split(delimiter).filter(Boolean), ...usualFolders]);
  const tooOld = [];
  for (const name of ['redis-server', 'valkey-server']) {
    for (const folder of folders) {
      const path = join(folder, name);
      const version = versionOf(path);
      if (version === undefined) continue;
      if (Number.parseInt(version, 10) >= oldestRedis) return { path, version };
      tooOld.push(`${path} is version ${version}`);
    }
  }
  return { tooOld: [...new Set(tooOld)] };
}

function versionOf(path) {
  try {
    accessSync(path, constants.X_OK);
    const answer = execFileSync(path, ['--version'], {
      encoding: 'utf8',
      stdio: ['ignore', 'pipe', 'ignore'],
      timeout: 5_000,
    });
    return /\bv=(\d+(?:\.\d+)*)/.exec(answer)?.[1];
  } catch {
    return undefined;
  }
}

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
