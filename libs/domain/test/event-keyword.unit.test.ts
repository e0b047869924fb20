import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { normaliseKeyword, parseEvent } from '../src/index.ts';

const context = { now: Date.parse('2026-12-01T00:00:00Z'), newId: () => 'made' };
const badLength = 'must be 1 to 100 characters, not blank';
const notStorable = 'must not contain a NUL or an unpaired surrogate';

function parse(keyword: unknown, eventType = 'SEARCH') {
  return parseEvent({ eventType, sessionId: 's-1', metadata: { componentId: 1001, keyword } }, context);
}

describe('a keyword is stored normalised', () => {
  test.each([
    { name: 'a normal one stays', given: 'cat food', stored: 'cat food' },
    { name: 'upper case is lowered', given: 'CAT', stored: 'cat' },
    { name: 'upper case beyond ASCII is lowered', given: 'ÄΩЖ', stored: 'äωж' },
    { name: 'a final sigma is one spelling', given: 'ΟΔΟΣ', stored: 'οδος' },
    { name: 'decomposed letters are composed', given: 'cafe\u0301', stored: 'caf\u00e9' },
    { name: 'decomposed Hangul is composed', given: '고양이'.normalize('NFD'), stored: '고양이' },
    { name: 'a sign for a letter becomes the letter', given: '\u212b\u212a', stored: '\u00e5k' },
    { name: 'a pair that composes once lowered is composed', given: 'H\u0331', stored: '\u1e96' },
    { name: 'compatibility forms stay apart', given: 'ﬁ\u2460\u3392', stored: 'ﬁ\u2460\u3392' },
    { name: 'white space around it goes', given: ' \t\r\ncat\u3000 ', stored: 'cat' },
    { name: 'white space inside it becomes one space', given: 'cat \t\n  food', stored: 'cat food' },
    {
      name: 'white space before a combining mark is not lost with it',
      given: 'a \u0301',
      stored: 'a \u0301',
    },
    { name: 'an emoji stays', given: '🐈‍⬛', stored: '🐈‍⬛' },
  ])('$name', ({ given, stored }) => {
    expect(parse(given)).toMatchObject({ ok: true, event: { keyword: stored } });
  });

  // All that ECMAScript calls white space or a line terminator, but for U+FEFF, which is invisible.
  const whiteSpace =
    '\t\n\v\f\r \u00a0\u1680\u2000\u2001\u2002\u2003\u2004\u2005\u2006\u2007' +
    '\u2008\u2009\u200a\u2028\u2029\u202f\u205f\u3000';

  test.each(whiteSpace.split(''))('white space %j is trimmed and collapsed', (space) => {
    expect(parse(`${space}cat${space}${space}food${space}`)).toMatchObject({
      ok: true,
      event: { keyword: 'cat food' },
    });
  });

  test.each(['CLICK', 'PAGE_VIEW'])('of a %s, too', (eventType) => {
    expect(parse(' CAT ', eventType)).toMatchObject({ ok: true, event: { keyword: 'cat' } });
  });
});

describe('the length of a keyword is that of its normal form in code points', () => {
  test.each([
    { name: 'one character', given: 'x', length: 1 },
    { name: '100 letters', given: 'x'.repeat(100), length: 100 },
    { name: '100 emoji', given: '🐈'.repeat(100), length: 100 },
    { name: '100 letters after white space goes', given: `  ${'x'.repeat(100)}  `, length: 100 },
    { name: '100 after white space collapses', given: `x${' '.repeat(500)}${'x'.repeat(98)}`, length: 100 },
    { name: '200 that compose to 100', given: 'e\u0301'.repeat(100), length: 100 },
    { name: '100 with marks that do not compose', given: 'x\u0301'.repeat(50), length: 100 },
    { name: '100 whose lower case could be 200', given: '\u0130'.repeat(100), length: 100 },
    {
      name: '100 decomposed letters with three marks',
      given: '\u1f82'.normalize('NFD').repeat(100),
      length: 100,
    },
    { name: 'one letter with 99 marks of one kind', given: `x${'\u0301'.repeat(99)}`, length: 100 },
    { name: '100 letters among invisible ones', given: 'x\u200b\u2060\u00ad'.repeat(100), length: 100 },
    { name: '1,000 units that are mostly white space', given: `x${' '.repeat(998)}x`, length: 3 },
  ])('$name is accepted', ({ given, length }) => {
    const parsed = parse(given);
    expect(parsed.ok && Array.from(parsed.event.keyword ?? '').length).toBe(length);
  });

  test.each([
    { name: '101 letters', given: 'x'.repeat(101) },
    { name: '101 emoji', given: '🐈'.repeat(101) },
    { name: '101 in 200 code units', given: `${'🐈'.repeat(99)}xx` },
    { name: '202 that compose to 101', given: 'e\u0301'.repeat(101) },
    { name: '101 with marks that do not compose', given: `${'x\u0301'.repeat(50)}x` },
    { name: '101 whose lower case is one each', given: '\u0130'.repeat(101) },
    { name: '101 that are left of 202', given: 'x\u200b'.repeat(101) },
    { name: 'a run of marks', given: `x${'\u0301\u0316'.repeat(400)}` },
    { name: 'runs of marks between letters', given: `x${'\u0301\u0316'.repeat(40)}`.repeat(9) },
    { name: 'marks among invisible characters', given: `x${'\u0301\u200b\u0316\u200b'.repeat(150)}` },
    { name: 'marks among white space', given: `x${'\u0301 \u0316 '.repeat(150)}` },
    { name: 'the empty text', given: '' },
    { name: 'a blank', given: ' ' },
    { name: 'white space of all kinds', given: '\t\n\v\f\r \u00a0\u1680\u2003\u2028\u2029\u3000\ufeff' },
  ])('$name is refused', ({ given }) => {
    expect(parse(given)).toEqual({ ok: false, errors: [{ path: 'metadata.keyword', message: badLength }] });
  });
});

test.each<{ name: string; given: unknown; message: string }>([
  { name: 'a NUL', given: 'a\u0000b', message: notStorable },
  { name: 'a high surrogate alone', given: 'a\ud800', message: notStorable },
  { name: 'a low surrogate alone', given: '\udfffa', message: notStorable },
  { name: 'null', given: null, message: 'must be a string' },
  { name: 'a number', given: 1, message: 'must be a string' },
  { name: 'an array', given: ['cat'], message: 'must be a string' },
  { name: 'an object', given: {}, message: 'must be a string' },
])('a keyword with or of $name is refused', ({ given, message }) => {
  const errors = [{ path: 'metadata.keyword', message }];
  expect(parse(given)).toEqual({ ok: false, errors });
  expect(parse(given, 'CLICK')).toEqual({ ok: false, errors });
});

test('a missing keyword is refused for SEARCH alone, and stays absent elsewhere', () => {
  expect(parse(undefined)).toEqual({
    ok: false,
    errors: [{ path: 'metadata.keyword', message: 'is required' }],
  });
  const parsed = parse(undefined, 'CLICK');
  expect(parsed.ok).toBe(true);
  expect(parsed.ok && 'keyword' in parsed.event).toBe(false);
});

describe('normalising', () => {
  // Letters whose case or composition is odd, beside any code point at all.
  const unit = fc.oneof(
    fc.constantFrom(...' \u00a0\u2003\u3000\ufeffAΣσςİIıẞßǅHhJjTtWwYyÅ\u1100\u1161\u11a8'.split('')),
    fc.constantFrom('\u0301', '\u0307', '\u0308', '\u030a', '\u030c', '\u0331', '\u0345', '\u0323'),
    fc.string({ unit: 'binary', minLength: 1, maxLength: 1 }),
  );
  const keywords = fc.string({ unit, maxLength: 20 });

  test('twice changes nothing', () => {
    fc.assert(
      fc.property(keywords, (keyword) => {
        const once = normaliseKeyword(keyword);
        expect(normaliseKeyword(once)).toBe(once);
      }),
      { numRuns: 2000 },
    );
  });

  test('any one code point twice changes nothing', () => {
    const changed: string[] = [];
    for (let point = 0; point <= 0x10ffff; point += 1) {
      const once = normaliseKeyword(String.fromCodePoint(point));
      if (normaliseKeyword(once) !== once) changed.push(point.toString(16));
    }
    expect(changed).toEqual([]);
  });

  test('gives one spelling, however the keyword was composed, cased and spaced', () => {
    fc.assert(
      fc.property(keywords, (keyword) => {
        const stored = normaliseKeyword(keyword);
        expect(normaliseKeyword(`\u3000${keyword.normalize('NFD')} `)).toBe(stored);
        expect(stored).toBe(stored.normalize('NFC'));
        expect(stored).not.toMatch(/^\s|\s$|\s\s|[^\S ]/u);
      }),
      { numRuns: 2000 },
    );
  });
});
