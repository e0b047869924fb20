import { expect, test } from '@jest/globals';
import type { Part } from '../kit/part.ts';
import { readOptions } from '../options.ts';

const part = (name: string, takes?: Part['takes']): Part => ({
  name,
  about: '',
  ...(takes && { takes }),
  run: async () => [],
});
const parts = [
  part('plain'),
  part('drain', { scenario: true, versus: true }),
  part('size', { scenario: true }),
];
const read = (...args: string[]) => readOptions(args, parts, 'RESULTS.md');

test('all parts run without names, with the scenario of ten keywords', () => {
  expect(read()).toMatchObject({ parts: ['plain', 'drain', 'size'], scenario: 'ten', versus: undefined });
});

test('parts that have no use for an option are refused, by name', () => {
  expect(read('drain', 'size', '--scenario', 'zipf')).toMatchObject({ scenario: 'zipf' });
  expect(() => read('drain', 'plain', '--scenario', 'zipf')).toThrow('says nothing to plain');
  expect(read('drain', '--vs', 'HEAD~1')).toMatchObject({ versus: 'HEAD~1' });
  expect(() => read('--vs', 'HEAD~1')).toThrow('--vs says nothing to plain, size');
  expect(() => read('drain', '--scenario', 'many')).toThrow('ten or zipf');
});
