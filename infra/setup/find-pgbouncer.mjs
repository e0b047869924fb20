import { findProgram } from './find-program.mjs';

/** PgBouncer: `{ path, version }`, or `{ tooOld }`. */
export const findPgBouncer = (env = process.env) =>
  findProgram({ names: ['pgbouncer'], version: /PgBouncer (\d+(?:\.\d+)*)/, oldest: 1, env });

export function pgBouncerAdvice({ tooOld = [], why } = {}) {
  return [
    'PgBouncer is missing: the tests put it between the processes and PostgreSQL.',
    ...tooOld.map((line) => `  Found, but of no use: ${line}.`),
    ...(why ? [`  ${why}`] : []),
    '',
    'Install it, then run the same command again:',
    '  macOS           brew install pgbouncer',
    '  Debian, Ubuntu  sudo apt-get install --no-install-recommends pgbouncer',
    '  elsewhere       https://www.pgbouncer.org/install.html',
    'Only the program is used; a PgBouncer service of the system may stay off.',
  ].join('\n');
}
