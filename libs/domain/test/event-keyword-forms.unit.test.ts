import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { newPost, normaliseKeyword, parseEvent } from '../src/index.ts';

const context = { now: Date.parse('2026-12-01T00:00:00Z'), newId: () => 'made' };

function parse(keyword: unknown) {
  return parseEvent(
    { eventType: 'SEARCH', sessionId: 's-1', metadata: { componentId: 1001, keyword } },
    context,
  );
}

describe('full- and half-width forms are the usual ones', () => {
  test.each([
    { given: 'ＣＡＴ', stored: 'cat' },
    { given: '１２３～！', stored: '123~!' },
    { given: 'ｶﾞ', stored: 'ガ' },
    { given: 'ﾊﾟﾝﾀﾞ', stored: 'パンダ' },
    { given: 'ｶ\u3099', stored: 'ガ' },
    { given: '東京\u3000タワー', stored: '東京 タワー' },
    { given: '￦1，000', stored: '₩1,000' },
    { given: '￣', stored: '\u00af' },
    { given: '￩￪￫￬', stored: '←↑→↓' },
    { given: '｟ａ｠', stored: '⦅a⦆' },
    { given: 'ﾡﾢﾾￂￇￊￏￒￗￚￜ', stored: 'ㄱㄲㅎㅏㅔㅕㅚㅛㅠㅡㅣ' },
    { given: 'ㅋㅋ', stored: 'ㅋㅋ' },
    { given: 'ﾻﾻ', stored: 'ㅋㅋ' },
  ])('$given is $stored', ({ given, stored }) => {
    expect(parse(given)).toMatchObject({ ok: true, event: { keyword: stored } });
  });

  test('by one step of Unicode: no form is left, and none is a combining Hangul letter', () => {
    for (let point = 0xff01; point <= 0xffee; point += 1) {
      const normalised = normaliseKeyword(`x${String.fromCharCode(point)}x`);
      const assigned = /\p{Assigned}/u.test(String.fromCharCode(point));
      expect(normalised).not.toMatch(assigned ? /[\uff01-\uffee\u1100-\u11ff]/ : /[\u1100-\u11ff]/);
    }
  });

  test.each(['ﬁ', '①', '㎒', '²', 'Ⅳ'])('%s, a compatibility form of another kind, stays', (given) => {
    expect(parse(given)).toMatchObject({ ok: true, event: { keyword: given.toLowerCase() } });
  });
});

describe('invisible characters are left out', () => {
  test.each([
    { name: 'zero-width space', given: 'ca\u200bt' },
    { name: 'byte order mark', given: '\ufeffca\ufefft' },
    { name: 'joiner between letters', given: 'c\u200da\u200ct' },
    { name: 'selector after a letter', given: 'cat\ufe0f' },
    { name: 'soft hyphen and word joiner', given: 'c\u00ada\u2060t' },
    { name: 'marks of direction', given: '\u202acat\u202c\u200e' },
    { name: 'Hangul fillers', given: '\u3164c\u115fa\u1160t\uffa0' },
    { name: 'tags', given: 'cat\u{e0061}\u{e007f}' },
  ])('$name', ({ given }) => {
    expect(parse(given)).toMatchObject({ ok: true, event: { keyword: 'cat' } });
  });

  test.each([
    { given: '👩\u200d🚀', stored: '👩\u200d🚀' },
    { given: '👩🏽\u200d🚀', stored: '👩🏽\u200d🚀' },
    { given: '❤\ufe0f\u200d🔥', stored: '❤\ufe0f\u200d🔥' },
    { given: '🏳\ufe0f\u200d🌈 Flag', stored: '🏳\ufe0f\u200d🌈 flag' },
    { given: '☀\ufe0f🌧', stored: '☀\ufe0f🌧' },
    // Not between two.
    { given: '❤\ufe0f', stored: '❤' },
    { given: '\u200d🚀', stored: '🚀' },
    { given: '🚀\u200dx', stored: '🚀x' },
    { given: '1\u200d2', stored: '12' },
    // One each is enough, and others go.
    { given: '👩\u200d\u200d\u200b🚀', stored: '👩\u200d🚀' },
    // Lower-cased it is no emoji any more.
    { given: 'Ⓜ\u200d🚀', stored: 'ⓜ🚀' },
  ])('joiner and selector stay between emoji alone: $stored', ({ given, stored }) => {
    expect(parse(given)).toMatchObject({ ok: true, event: { keyword: stored } });
  });

  test.each(['\u200b', '\u3164', ' \ufeff ', '\u115f\u1160\u00ad'])('%j alone is blank', (given) => {
    expect(parse(given)).toEqual({
      ok: false,
      errors: [{ path: 'metadata.keyword', message: 'must be 1 to 100 characters, not blank' }],
    });
  });
});

test.each([
  { given: 'İSTANBUL', stored: 'istanbul' },
  { given: 'I\u0307stanbul', stored: 'istanbul' },
  { given: 'IŞIK', stored: 'işik' },
])('$given is $stored, without a combining dot', ({ given, stored }) => {
  expect(parse(given)).toMatchObject({ ok: true, event: { keyword: stored } });
});

test('a keyword is refused unread beyond 1,000 UTF-16 units, whatever would be left of it', () => {
  const within = `x${'\u200b'.repeat(999)}`;
  expect(parse(within)).toMatchObject({ ok: true, event: { keyword: 'x' } });
  expect(parse(`${within}\u200b`)).toEqual({
    ok: false,
    errors: [{ path: 'metadata.keyword', message: 'must be at most 1000 UTF-16 units as sent' }],
  });
});

test('hashtags are normalised so, too', () => {
  const post = { userId: 1, content: 'a', hashtags: ['ＣＡＴ', 'ca\u200bt', 'İ', 'ｶﾞ'] };
  expect(newPost.parse(post).hashtags).toEqual(['cat', 'i', 'ガ']);
  expect(newPost.safeParse({ ...post, hashtags: ['\u3164'] }).success).toBe(false);
  expect(newPost.safeParse({ ...post, hashtags: ['x'.repeat(1001)] }).success).toBe(false);
});

describe('normalising', () => {
  const unit = fc.oneof(
    fc.constantFrom(
      ...Array.from('\u200d\ufe0f\ufe0e\u200b\u034f\u3164\uffa0\u0338\u0307\u0301\u3099\uff9e IİiｉＩΣς'),
    ),
    fc.constantFrom(...Array.from('👩🚀❤Ⓜ↔🏽🇰™ⓜ＞￫ｶㅋﾻ가가')),
    fc.string({ unit: 'binary', minLength: 1, maxLength: 1 }),
  );

  test('twice changes nothing, among emoji, joiners and forms', () => {
    fc.assert(
      fc.property(fc.string({ unit, maxLength: 12 }), (keyword) => {
        const once = normaliseKeyword(keyword);
        expect(normaliseKeyword(once)).toBe(once);
        expect(once).not.toMatch(/[\uff01-\uff9f\uffe0-\uffe6]|^\s|\s$|\s\s/u);
      }),
      { numRuns: 20_000 },
    );
  });

  test('any code point that is a letter, a mark or an emoji, between emoji, twice changes nothing', () => {
    const changed: string[] = [];
    for (let point = 0; point <= 0x1ffff; point += 1) {
      if (point >= 0xd800 && point <= 0xdfff) continue;
      const char = String.fromCodePoint(point);
      for (const text of [`🚀\u200d${char}\u200d🚀`, `🚀\u200d${char}\u200b\u0338`]) {
        const once = normaliseKeyword(text);
        if (normaliseKeyword(once) !== once) changed.push(point.toString(16));
      }
    }
    expect(changed).toEqual([]);
  });
});
