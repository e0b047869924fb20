import { expect, test } from '@jest/globals';
import { retryDelay } from '../src/retry-delay.ts';

const now = Date.UTC(2026, 10, 22);

test.each([
  [1, 125, 250],
  [2, 250, 500],
  [5, 2000, 4000],
  [8, 15_000, 30_000],
  [1000, 15_000, 30_000],
])('after %i failures it is between %i and %i ms', (failures, least, most) => {
  expect(retryDelay(failures, null, now, 0)).toBe(least);
  expect(retryDelay(failures, null, now, 1)).toBe(most);
});

test.each([
  ['7', 7000],
  [new Date(now + 7000).toUTCString(), 7000],
  ['86400', 3_600_000],
])('Retry-After "%s" is a least of %i ms, and chance comes on top', (header, least) => {
  expect(retryDelay(1, header, now, 0)).toBe(least);
  expect(retryDelay(1, header, now, 1)).toBe(least + 250);
});

test.each(['', 'soon', '-1', '0', new Date(now - 7000).toUTCString()])(
  'Retry-After "%s" asks for nothing',
  (header) => {
    expect(retryDelay(1, header, now, 0)).toBe(125);
  },
);
