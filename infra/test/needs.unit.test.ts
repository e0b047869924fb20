import { chmodSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, expect, test } from '@jest/globals';
import {
  adviceOn,
  findChromium,
  findNginx,
  findPgBouncer,
  findPrometheus,
  findRedis,
  needsOf,
} from '../setup/shared.mjs';

const folder = mkdtempSync(join(tmpdir(), `event-tracker-test-${process.pid}-`));
afterAll(() => rmSync(folder, { recursive: true }));

function program(name: string, says: string): void {
  writeFileSync(join(folder, name), `#!/bin/sh\necho '${says}'\n`);
  chmodSync(join(folder, name), 0o755);
}

const names = (mode: 'start' | 'test', env: Record<string, string> = {}) =>
  needsOf[mode](env).map(({ name }) => name);

test('npm start needs Redis alone, and nothing where it is pointed to others', () => {
  expect(names('start')).toEqual(['Redis']);
  expect(names('start', { REDIS_URL: 'redis://elsewhere' })).toEqual([]);
  const both = { QUEUE_REDIS_URL: 'redis://elsewhere', VIEWS_REDIS_URL: 'redis://elsewhere/1' };
  expect(names('start', both)).toEqual([]);
  for (const name of Object.keys(both))
    expect(names('start', { [name]: 'redis://elsewhere' })).toEqual(['Redis']);
});

test('npm test needs a Redis of its own, Prometheus, Chromium, nginx and PgBouncer', () => {
  expect(names('test', { REDIS_URL: 'redis://elsewhere' })).toEqual([
    'Redis',
    'Prometheus',
    'Chromium',
    'nginx',
    'PgBouncer',
  ]);
});

test.each([
  ['redis-server', findRedis, 'Redis server v=8.1.2 sha=0 malloc=libc', '8.1.2'],
  ['pgbouncer', findPgBouncer, 'PgBouncer 1.18.0', '1.18.0'],
  ['chromium', findChromium, 'Chromium 140.0.7339.80 built on Debian', '140.0.7339.80'],
])('%s is found on the PATH and tells its version', (name, find, says, version) => {
  program(name, says);
  expect(find({ PATH: folder })).toEqual({ path: join(folder, name), version });
  rmSync(join(folder, name));
});

test('nginx tells its version on the other stream, and not to --version', () => {
  writeFileSync(
    join(folder, 'nginx'),
    '#!/bin/sh\n[ "$1" = -v ] && echo "nginx version: nginx/1.26.3" >&2\n',
    { mode: 0o755 },
  );
  expect(findNginx({ PATH: folder })).toEqual({ path: join(folder, 'nginx'), version: '1.26.3' });
});

test('Prometheus is of use together with its promtool', () => {
  program('prometheus', 'prometheus, version 3.1.0 (branch: HEAD)');
  expect(findPrometheus({ PATH: folder }).tooOld).toEqual([expect.stringContaining('no promtool beside it')]);
  program('promtool', '');
  expect(findPrometheus({ PATH: folder })).toMatchObject({ promtool: join(folder, 'promtool') });
});

test('a stub in the place of a browser is no browser', () => {
  program('chromium', 'Command requires the chromium snap to be installed.');
  expect(findChromium({ PATH: folder }).path).not.toBe(join(folder, 'chromium'));
});

test('whoever has nothing is told of each program, why, and how to install it', () => {
  const needs = needsOf
    .test({})
    .map((need) => ({ ...need, find: () => ({ tooOld: ['/bin/x is version 1'] }) }));
  const advice = adviceOn(needs, 'apt-get update failed');
  expect(advice).toContain('/bin/x is version 1');
  expect(advice).toContain('apt-get update failed');
  for (const command of [
    'brew install prometheus',
    'brew install redis',
    'apt-get install --no-install-recommends chromium',
    'apt-get install --no-install-recommends nginx-light',
  ])
    expect(advice).toContain(command);
});
