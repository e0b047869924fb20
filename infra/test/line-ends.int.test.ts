import { execFileSync } from 'node:child_process';
import { copyFileSync, globSync, mkdirSync, readFileSync, statSync } from 'node:fs';
import { dirname, join, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { createTestFolder } from '@event-tracker/testing';
import { expect, test } from '@jest/globals';

const root = resolve(fileURLToPath(new URL('../..', import.meta.url)));

const isScript = (file: string) =>
  statSync(join(root, file)).isFile() && readFileSync(join(root, file), 'latin1').startsWith('#!');
const scripts = globSync('{.ci,infra/src,infra/setup,infra/docker}/*', { cwd: root }).filter(isScript);
const readByPrograms = [
  'infra/redis.conf',
  'infra/redis-views.conf',
  'infra/docker/Dockerfile',
  'docker-compose.yml',
  '.env.example',
];

test('a checkout of a Git that writes CRLF has LF in scripts and in what other programs read', () => {
  const { path: folder, remove } = createTestFolder();
  try {
    const git = (...args: string[]) =>
      execFileSync('git', ['-c', 'user.name=t', '-c', 'user.email=t@example.com', ...args], {
        cwd: join(folder, 'origin'),
        stdio: 'ignore',
      });
    const files = [...scripts, ...readByPrograms, '.gitattributes'];
    expect(scripts).toEqual(expect.arrayContaining(['.ci/run', 'infra/src/guard.sh']));
    for (const file of files) {
      mkdirSync(dirname(join(folder, 'origin', file)), { recursive: true });
      copyFileSync(join(root, file), join(folder, 'origin', file));
    }
    git('init');
    git('add', '.');
    git('commit', '-m', 'files');
    git('-c', 'core.autocrlf=true', 'clone', '-c', 'core.autocrlf=true', '.', join(folder, 'clone'));
    const withCarriageReturns = files.filter((file) =>
      readFileSync(join(folder, 'clone', file), 'latin1').includes('\r'),
    );
    expect(withCarriageReturns).toEqual([]);
  } finally {
    remove();
  }
});
