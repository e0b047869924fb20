import { readFileSync } from 'node:fs';
import { expect, test } from '@jest/globals';
import { apiConfig } from '../apps/api/src/config.ts';
import { workerConfig } from '../apps/worker/src/config.ts';

/** Set by the platform, not by an operator. */
const notForOperators = ['NODE_ENV'];

test('docs/configuration.md lists exactly the variables that are read', () => {
  const docs = readFileSync(new URL('../docs/configuration.md', import.meta.url), 'utf8');
  const named = [...docs.matchAll(/^\| ((?:`[A-Z_]+`(?:, )?)+) \|/gm)].map((row) => row[1]!);
  const documented = named.flatMap((names) => names.replaceAll('`', '').split(', '));
  const read = Object.keys({ ...apiConfig.shape, ...workerConfig.shape });
  expect(documented.sort()).toEqual(read.filter((name) => !notForOperators.includes(name)).sort());
});
