import { describe, expect, test } from '@jest/globals';
import { cacheVersion, decodeEntry, encodeEntry, isRefreshDue } from '../src/redis/cache/cache-entry.ts';

const asNumber = (value: unknown) => (typeof value === 'number' ? value : undefined);

test('an entry comes back as it was', () => {
  const entry = { value: 7, until: 1_795_343_640_000, took: 12 };
  expect(decodeEntry(encodeEntry(entry), asNumber)).toEqual(entry);
});

describe('what is no entry of this version is none:', () => {
  test.each([
    { name: 'no JSON', text: 'x' },
    { name: 'null', text: 'null' },
    { name: 'a number', text: '7' },
    {
      name: 'another version',
      text: JSON.stringify({ version: cacheVersion + 1, value: 7, until: 1, took: 1 }),
    },
    { name: 'no end', text: JSON.stringify({ version: cacheVersion, value: 7, took: 1 }) },
    { name: 'a value of another form', text: encodeEntry({ value: '7', until: 1, took: 1 }) },
  ])('$name', ({ text }) => {
    expect(decodeEntry(text, asNumber)).toBeUndefined();
  });
});

describe('a refresh is due', () => {
  const entry = { value: 7, until: 60_000, took: 1000 };
  const share = (now: number, took = entry.took) => {
    const readers = Array.from({ length: 10_000 }, (_, at) => (at + 0.5) / 10_000);
    return (
      readers.filter((random) => isRefreshDue({ ...entry, took }, 60_000, now, random)).length /
      readers.length
    );
  };

  test('for hardly anybody long before the end, and for everybody at it', () => {
    expect(share(40_000)).toBe(0);
    expect(share(60_000)).toBe(1);
  });

  test('for more and more readers as the end comes near, and the sooner the longer it takes', () => {
    expect(share(58_000)).toBeCloseTo(Math.exp(-2), 2);
    expect(share(59_000)).toBeCloseTo(Math.exp(-1), 2);
    expect(share(55_000, 5000)).toBeCloseTo(Math.exp(-1), 2);
  });

  test('in the last part of its life alone, however long the query took', () => {
    expect(share(54_000, 30_000)).toBeCloseTo(Math.exp(-1), 2);
    expect(share(1000, 30_000)).toBeLessThan(0.001);
  });
});
