import { expect, test } from '@jest/globals';
import { bucketSpans } from '../src/bucket-spans.ts';

const minute = 60_000;
const hour = 3_600_000;
const at = Date.UTC(2026, 10, 23, 10);

const spans = (...pairs: [number, number][]) =>
  pairs.map(([from, to]) => ({ from: at + from * minute, to: at + to * minute }));

test.each([
  ['none', spans(), spans()],
  ['one within a minute', spans([1.2, 1.9]), spans([1, 1])],
  ['one twice', spans([1, 4], [1, 4]), spans([1, 4])],
  ['neighbours', spans([3, 4], [1, 2]), spans([1, 4])],
  ['overlapping', spans([1, 5], [3, 9]), spans([1, 9])],
  ['one inside another', spans([1, 9], [3, 4]), spans([1, 9])],
  ['apart by a minute', spans([1, 2], [4, 5]), spans([1, 2], [4, 5])],
])('spans of minutes, %s', (_name, given, expected) => {
  expect(bucketSpans(given, 'minute')).toEqual(expected);
});

test('hours are those that the minutes lie in, each once', () => {
  const given = spans([10, 20], [40, 50], [59, 61], [200, 200]);
  expect(bucketSpans(given, 'hour')).toEqual([
    { from: at, to: at + hour },
    { from: at + 3 * hour, to: at + 3 * hour },
  ]);
});
