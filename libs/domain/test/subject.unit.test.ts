import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { eventTypes, idSubject, strategies, subjectId, tieOrder } from '../src/index.ts';

const ids = fc.oneof(
  fc.integer({ min: 1, max: Number.MAX_SAFE_INTEGER }),
  fc.integer({ min: 1, max: 1000 }),
  // Around each power of ten the number of digits changes.
  fc.tuple(fc.integer({ min: 1, max: 15 }), fc.integer({ min: -1, max: 1 })).map(([e, d]) => 10 ** e + d),
);

describe('the subject of an id', () => {
  test.each([
    { id: 1, subject: '0000000000000001' },
    { id: 1002, subject: '0000000000001002' },
    { id: 2 ** 53 - 1, subject: '9007199254740991' },
  ])('$id is $subject', ({ id, subject }) => {
    expect(idSubject(id)).toBe(subject);
  });

  test('is in the order of texts where the id is in that of numbers', () => {
    fc.assert(
      fc.property(ids, ids, (a, b) => {
        const [x, y] = [idSubject(a), idSubject(b)];
        expect(x < y).toBe(a < b);
        expect(x === y).toBe(a === b);
      }),
      { numRuns: 1000 },
    );
  });

  test('is of 16 digits and leads back to the id', () => {
    fc.assert(
      fc.property(ids, (id) => {
        expect(idSubject(id)).toMatch(/^\d{16}$/);
        expect(subjectId(idSubject(id))).toBe(id);
      }),
    );
  });
});

test('among equal counts the lower component, the lower keyword and the higher post come first', () => {
  expect(tieOrder).toEqual({ component: 'ascending', keyword: 'ascending', post: 'descending' });
});

test('only likes are net, of unlikes', () => {
  const net = eventTypes.map((type) => [type, strategies[type].lessType]);
  expect(net.filter(([, lessType]) => lessType !== undefined)).toEqual([['LIKE', 'UNLIKE']]);
});
