import { findProgram } from './find-program.mjs';

/** nginx: `{ path, version }`, or `{ tooOld }`. */
export const findNginx = (env = process.env) =>
  findProgram({
    names: ['nginx'],
    version: /nginx version: nginx\/(\d+(?:\.\d+)*)/,
    flag: '-v',
    oldest: 1,
    env,
  });

export function nginxAdvice({ tooOld = [], why } = {}) {
  return [
    'nginx is missing: the tests put one in front of the API, as a site would (any release of 1).',
    ...tooOld.map((line) => `  Found, but too old: ${line}.`),
    ...(why ? [`  ${why}`] : []),
    '',
    'Install it, then run the same command again:',
    '  macOS           brew install nginx',
    '  Debian, Ubuntu  sudo apt-get install --no-install-recommends nginx-light',
    '  Fedora, RHEL    sudo dnf install nginx-core',
    'Only the program is used; an nginx service of the system may stay off.',
  ].join('\n');
}
