import { existsSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { findProgram } from './find-program.mjs';

/** Prometheus and, beside it, promtool: `{ path, promtool, version }`, or `{ tooOld }`. */
export function findPrometheus(env = process.env) {
  const found = findProgram({ names: ['prometheus'], version: /version (\d+(?:\.\d+)*)/, oldest: 2, env });
  if (!found.path) return found;
  const promtool = join(dirname(found.path), 'promtool');
  return existsSync(promtool)
    ? { ...found, promtool }
    : { tooOld: [`${found.path} has no promtool beside it`] };
}

export function prometheusAdvice({ tooOld = [], why } = {}) {
  return [
    'Prometheus is missing: the tests check the alert rules with it (prometheus and promtool, 2 or newer).',
    ...tooOld.map((line) => `  Found, but of no use: ${line}.`),
    ...(why ? [`  ${why}`] : []),
    '',
    'Install it, then run the same command again:',
    '  macOS           brew install prometheus',
    '  Debian, Ubuntu  sudo apt-get install --no-install-recommends prometheus',
    '  elsewhere       https://prometheus.io/download: put both programs on the PATH',
    'Only the programs are used; a Prometheus service of the system may stay off.',
  ].join('\n');
}
