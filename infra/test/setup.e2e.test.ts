import { spawn } from 'node:child_process';
import { once } from 'node:events';
import {
  chmodSync,
  cpSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  realpathSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { delimiter, join } from 'node:path';
import { text } from 'node:stream/consumers';
import { fileURLToPath } from 'node:url';
import { until } from '@event-tracker/testing';
import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';

const infra = fileURLToPath(new URL('..', import.meta.url));

/** Notes how it was called, then installs a node_modules with one package, or does what the test asks for. */
const fakeNpm = `#!/bin/sh
echo "$*" >> npm-calls
if [ -f npm-hangs ]; then mkdir -p node_modules/half; sleep 60; fi
if [ -f npm-fails ]; then echo 'npm error code EAI_AGAIN' >&2; exit 1; fi
rm -rf node_modules
mkdir -p node_modules/.bin node_modules/left-pad
if [ -f turbo.cjs ]; then mkdir -p node_modules/turbo/bin; cp turbo.cjs node_modules/turbo/bin/turbo; fi
ln -s "$REAL_NODE" node_modules/.bin/node
echo '{"packages":{"node_modules/left-pad":{"version":"1.3.0"}}}' > node_modules/.package-lock.json
`;

/** Notes that it was called, then builds, or fails when the test asks for that. */
const fakeTurbo = `const { appendFileSync, existsSync, mkdirSync, writeFileSync } = require('node:fs');
appendFileSync('turbo-calls', process.argv.slice(2).join(' ') + '\\n');
if (existsSync('build-fails')) { console.error('no such import'); process.exit(1); }
mkdirSync('apps/dashboard/dist', { recursive: true });
writeFileSync('apps/dashboard/dist/index.html', '');
`;

describe('the set-up', () => {
  let root: string;

  beforeEach(() => {
    root = realpathSync(mkdtempSync(join(tmpdir(), `event-tracker-test-${process.pid}-`)));
    mkdirSync(join(root, 'infra', 'src'), { recursive: true });
    cpSync(join(infra, 'setup.mjs'), join(root, 'infra', 'setup.mjs'));
    cpSync(join(infra, 'setup'), join(root, 'infra', 'setup'), { recursive: true });
    lock('1.3.0');
    file(
      'infra/src/start.ts',
      "console.log('started by', process.execPath);\nprocess.exit(Number(process.argv[2] ?? 0));\n",
    );
    file('bin/npm', fakeNpm);
    chmodSync(join(root, 'bin', 'npm'), 0o755);
  });

  afterEach(() => rmSync(root, { recursive: true, force: true }));

  const file = (name: string, content: string) => {
    mkdirSync(join(root, name, '..'), { recursive: true });
    writeFileSync(join(root, name), content);
  };
  const lock = (version: string) =>
    file('package-lock.json', JSON.stringify({ packages: { '': {}, 'node_modules/left-pad': { version } } }));
  const npmCalls = () =>
    existsSync(join(root, 'npm-calls'))
      ? readFileSync(join(root, 'npm-calls'), 'utf8').trim().split('\n')
      : [];

  function setUp(args: string[] = [], env: Record<string, string> = {}) {
    const child = spawn(process.execPath, [join(root, 'infra', 'setup.mjs'), 'start', ...args], {
      env: {
        PATH: [join(root, 'bin'), process.env.PATH].join(delimiter),
        REAL_NODE: process.execPath,
        REDIS_URL: 'redis://localhost',
        ...env,
      },
      detached: true,
      stdio: ['ignore', 'pipe', 'pipe'],
    });
    const ended = Promise.all([once(child, 'exit'), text(child.stdout), text(child.stderr)]);
    return {
      child,
      ended: ended.then(([[code], out, errors]) => ({ code: code as number | null, said: out + errors })),
    };
  }

  test("installs what is missing, development packages too under NODE_ENV=production, and starts on the project's Node", async () => {
    const { code, said } = await setUp([], { NODE_ENV: 'production' }).ended;
    expect(said).toContain(`started by ${process.execPath}`);
    expect(code).toBe(0);
    expect(npmCalls()).toEqual([expect.stringMatching(/^ci .*--include=dev/)]);
  });

  test('installs once', async () => {
    await setUp().ended;
    await setUp().ended;
    expect(npmCalls()).toHaveLength(1);
  });

  test('an install that npm itself made is taken as it is', async () => {
    await setUp().ended;
    rmSync(join(root, 'node_modules', '.event-tracker-installed'));
    await setUp().ended;
    expect(npmCalls()).toHaveLength(1);
  });

  test('installs again when package-lock.json has changed', async () => {
    await setUp().ended;
    lock('1.4.0');
    await setUp().ended;
    expect(npmCalls()).toHaveLength(2);
  });

  test('installs again when a package is gone', async () => {
    await setUp().ended;
    rmSync(join(root, 'node_modules', 'left-pad'), { recursive: true });
    await setUp().ended;
    expect(npmCalls()).toHaveLength(2);
  });

  test.each(['SIGINT', 'SIGKILL'] as const)(
    'an install that was interrupted by %s is made anew',
    async (signal) => {
      file('npm-hangs', '');
      const { child, ended } = setUp();
      await until(() => existsSync(join(root, 'node_modules', 'half')), { what: 'half an install' });
      process.kill(-(child.pid as number), signal);
      expect((await ended).code).toBe(signal === 'SIGINT' ? 130 : null);

      rmSync(join(root, 'npm-hangs'));
      expect((await setUp().ended).said).toContain('started by');
      expect(npmCalls()).toHaveLength(2);
    },
  );

  test('two at once install once', async () => {
    const outcomes = await Promise.all([setUp().ended, setUp().ended]);
    expect(outcomes.map(({ code }) => code)).toEqual([0, 0]);
    expect(npmCalls()).toHaveLength(1);
  });

  test('shows what npm says when it fails', async () => {
    file('npm-fails', '');
    const { code, said } = await setUp().ended;
    expect(code).toBe(1);
    expect(said).toContain('npm error code EAI_AGAIN');
    expect(said).not.toContain('started by');
  });

  describe('of the dashboard', () => {
    beforeEach(() => {
      file('turbo.cjs', fakeTurbo);
      file('apps/dashboard/package.json', '{}');
      file('apps/dashboard/src/main.tsx', '');
    });

    const builds = () => readFileSync(join(root, 'turbo-calls'), 'utf8').trim().split('\n').length;

    test('builds it once, and again when a source has changed, is new, or the build is gone', async () => {
      await setUp().ended;
      await setUp().ended;
      expect(builds()).toBe(1);
      file('apps/dashboard/src/main.tsx', 'changed');
      await setUp().ended;
      expect(builds()).toBe(2);
      file('apps/dashboard/src/more.ts', '');
      await setUp().ended;
      expect(builds()).toBe(3);
      rmSync(join(root, 'apps/dashboard/dist'), { recursive: true });
      await setUp().ended;
      expect(builds()).toBe(4);
      await setUp().ended;
      expect(builds()).toBe(4);
    });

    test('a build that fails is told, and everything else starts', async () => {
      file('build-fails', '');
      const { code, said } = await setUp().ended;
      expect(said).toContain('no such import');
      expect(said).toContain('started by');
      expect(code).toBe(0);
    });
  });

  test('ends with the exit code of what it started', async () => {
    expect((await setUp(['7']).ended).code).toBe(7);
  });
});
