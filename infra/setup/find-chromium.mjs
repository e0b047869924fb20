import { homedir } from 'node:os';
import { join } from 'node:path';
import { findProgram } from './find-program.mjs';

/** Where macOS keeps applications: none of them is on the PATH. */
const macFiles = ['Google Chrome', 'Chromium'].flatMap((name) =>
  ['/Applications', join(homedir(), 'Applications')].map(
    (folder) => `${folder}/${name}.app/Contents/MacOS/${name}`,
  ),
);

/** Chromium or Chrome: `{ path, version }`, or `{ tooOld }`. Ubuntu's chromium-browser without its snap tells no version. */
export const findChromium = (env = process.env) =>
  findProgram({
    names: ['chromium', 'chromium-browser', 'google-chrome-stable', 'google-chrome'],
    version: /Chrom(?:ium|e) (\d+(?:\.\d+)*)/,
    oldest: 110,
    files: process.platform === 'darwin' ? macFiles : [],
    env,
  });

export function chromiumAdvice({ tooOld = [], why } = {}) {
  return [
    'Chromium is missing: the tests of the pages open them in it (Chromium or Chrome, 110 or newer).',
    ...tooOld.map((line) => `  Found, but too old: ${line}.`),
    ...(why ? [`  ${why}`] : []),
    '',
    'Install it, then run the same command again:',
    '  macOS           brew install --cask google-chrome',
    '  Debian          sudo apt-get install --no-install-recommends chromium',
    '  Ubuntu          sudo snap install chromium, or Chrome: https://www.google.com/chrome',
    '  Fedora, RHEL    sudo dnf install chromium',
  ].join('\n');
}
