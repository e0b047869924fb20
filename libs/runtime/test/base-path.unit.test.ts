import { expect, test } from '@jest/globals';
import { z } from 'zod';
import { basePath, parseConfig } from '../src/index.ts';

const read = (BASE_PATH?: string) => parseConfig(z.object({ BASE_PATH: basePath }), { BASE_PATH }).BASE_PATH;

test.each([
  [undefined, ''],
  ['', ''],
  ['/', ''],
  ['/et', '/et'],
  ['/et/', '/et'],
  ['/tools/event-tracker', '/tools/event-tracker'],
  ['/apis', '/apis'],
])('%j is the prefix %j', (given, prefix) => {
  expect(read(given)).toBe(prefix);
});

test.each([
  'et',
  'https://example.com/et',
  '//et',
  '/et//x',
  '/../et',
  '/et?x',
  '/e t',
  '/%65t',
  '/et;Path=/',
])('%j is none', (given) => {
  expect(() => read(given)).toThrow('BASE_PATH: must be a path such as /et');
});

test.each(['/api', '/admin/x', '/docs/', '/assets'])(
  '%j could not be told from a path of the API',
  (given) => {
    expect(() => read(given)).toThrow('BASE_PATH: must not begin as paths of the API do');
  },
);
