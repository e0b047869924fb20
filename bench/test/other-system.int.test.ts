import { spawnSync } from 'node:child_process';
import { existsSync, realpathSync } from 'node:fs';
import { createRequire } from 'node:module';
import { join } from 'node:path';
import { createClosers } from '@event-tracker/runtime';
import { expect, test } from '@jest/globals';
import { openOtherSystem } from '../kit/other-system.ts';

/** Files that were unpacked without their history have no other commit to compare with. */
const hasHistory = spawnSync('git', ['rev-parse', 'HEAD'], { cwd: import.meta.dirname }).status === 0;
const testWithHistory = hasHistory ? test : test.skip;

testWithHistory('a commit’s processes import its own files, and no others of the product', async () => {
  const closers = createClosers();
  const system = openOtherSystem('HEAD', closers);
  try {
    expect(system.name).toMatch(/^commit [0-9a-f]{7,}$/);
    const require = createRequire(join(system.root, 'apps/worker/src/main.ts'));
    for (const name of ['domain', 'queue', 'runtime', 'storage'])
      expect(realpathSync(require.resolve(`@event-tracker/${name}`))).toBe(
        realpathSync(join(system.root, `libs/${name}/src/index.ts`)),
      );
    expect(require.resolve('bullmq')).toContain('node_modules');
  } finally {
    await closers.closeAll();
  }
  expect(existsSync(system.root)).toBe(false);
});

test('a commit that is not there is refused with what git says', () => {
  expect(() => openOtherSystem('no-such-commit', createClosers())).toThrow('no-such-commit');
});
