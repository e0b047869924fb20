import { mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { createTestFolder } from '@event-tracker/testing';
import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { addEnvFile, settingsLine } from '../setup/shared.mjs';

let folder: ReturnType<typeof createTestFolder>;

beforeEach(() => {
  folder = createTestFolder();
});
afterEach(() => folder.remove());

function added(text: string, env: Record<string, string> = {}) {
  writeFileSync(join(folder.path, '.env'), text);
  const names = addEnvFile(folder.path, env);
  return { names, env };
}

test('what the environment does not set comes from the file, and its name is answered', () => {
  expect(added('PORT=9000\nWRITE_KEYS="a, b"\n# HOST=::\n', { PATH: '/bin' })).toEqual({
    names: ['PORT', 'WRITE_KEYS'],
    env: { PATH: '/bin', PORT: '9000', WRITE_KEYS: 'a, b' },
  });
});

test('the environment wins, with an empty value, too', () => {
  expect(added('PORT=9000\nWRITE_KEYS=a\n', { PORT: '1', WRITE_KEYS: '' })).toEqual({
    names: [],
    env: { PORT: '1', WRITE_KEYS: '' },
  });
});

test('a file that an editor of Windows wrote is read as any other', () => {
  expect(added('\uFEFFPORT=9000\r\nHOST="::"\r\n').env).toEqual({ PORT: '9000', HOST: '::' });
});

test('without a file nothing is added', () => {
  rmSync(join(folder.path, '.env'), { force: true });
  expect(addEnvFile(folder.path, {})).toEqual([]);
});

test('one that can not be read is named', () => {
  mkdirSync(join(folder.path, '.env'));
  expect(() => addEnvFile(folder.path, {})).toThrow(/\.env can't be read \(EISDIR\)/);
});

test('no value is said', () => {
  expect(settingsLine(['WRITE_KEYS', 'PORT'])).toBe('Settings from .env: PORT, WRITE_KEYS');
});

describe('of the commands', () => {
  const { scripts } = JSON.parse(readFileSync(new URL('../../package.json', import.meta.url), 'utf8'));
  const reads = (command: string) =>
    scripts[command].startsWith('exec node --import ./infra/setup/load-env-file.mjs ') ||
    ['start', 'restore'].some((mode) => scripts[command] === `exec node infra/setup.mjs ${mode}`);

  test.each([
    'start',
    'start:api',
    'start:worker',
    'migrate',
    'rebuild',
    'backup',
    'restore',
    'load',
    'demo',
  ])('%s reads it', (command) => expect(reads(command)).toBe(true));

  test.each(['test', 'jest', 'bench', 'chaos', 'check', 'build'])('%s does not', (command) =>
    expect(reads(command)).toBe(false),
  );
});
