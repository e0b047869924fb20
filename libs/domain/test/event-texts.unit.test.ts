import { describe, expect, test } from '@jest/globals';
import { parseEvent } from '../src/index.ts';

const context = { now: Date.parse('2026-12-01T00:00:00Z'), newId: () => 'made' };
const notStorable = 'must not contain a NUL or an unpaired surrogate';

function parse(field: string, value: unknown) {
  const input: Record<string, unknown> = { eventType: 'CLICK', sessionId: 's-1' };
  const metadata: Record<string, unknown> = { componentId: 1002 };
  if (field === 'sessionId') input.sessionId = value;
  else metadata[field] = value;
  return parseEvent({ ...input, metadata }, context);
}

describe.each([
  { field: 'sessionId', path: 'sessionId', maximum: 128 },
  { field: 'elementId', path: 'metadata.elementId', maximum: 256 },
])('$path', ({ field, path, maximum }) => {
  const badLength = `must be 1 to ${maximum} characters, not blank`;

  test.each([
    { name: 'one character', value: 'x' },
    { name: 'one emoji', value: '🐈' },
    { name: 'as many letters as may be', value: 'x'.repeat(maximum) },
    { name: 'as many emoji as may be', value: '🐈'.repeat(maximum) },
    { name: 'as many letters and combining marks as may be', value: 'e\u0301'.repeat(maximum / 2) },
    { name: 'as many of all kinds as may be', value: '🐈e\u0301x'.repeat(maximum / 4) },
    { name: 'white space around a letter', value: ' \tx\u3000' },
    { name: 'a control character that is no NUL', value: '\u0001' },
    { name: 'a decomposed letter', value: 'e\u0301' },
    { name: 'upper case', value: 'ABC' },
  ])('$name is stored as it came', ({ value }) => {
    expect(parse(field, value)).toMatchObject({ ok: true, event: { [field]: value } });
  });

  test.each<{ name: string; value: unknown; message: string }>([
    { name: 'the empty text', value: '', message: badLength },
    { name: 'a blank', value: ' ', message: badLength },
    { name: 'blanks of all kinds', value: ' \t\r\n\u00a0\u2003\u2028\u3000\ufeff', message: badLength },
    { name: 'a letter too many', value: 'x'.repeat(maximum + 1), message: badLength },
    { name: 'an emoji too many', value: '🐈'.repeat(maximum + 1), message: badLength },
    { name: 'a letter too many after emoji', value: `${'🐈'.repeat(maximum)}x`, message: badLength },
    {
      name: 'a letter too many in as many code units as may be',
      value: `${'🐈'.repeat(maximum - 1)}xx`,
      message: badLength,
    },
    {
      name: 'a combining mark too many',
      value: `${'e\u0301'.repeat(maximum / 2)}\u0301`,
      message: badLength,
    },
    { name: 'far too much', value: 'x'.repeat(100_000), message: badLength },
    { name: 'a NUL', value: '\u0000', message: notStorable },
    { name: 'a NUL inside', value: 'a\u0000b', message: notStorable },
    { name: 'a high surrogate alone', value: 'a\ud83d', message: notStorable },
    { name: 'a low surrogate alone', value: '\udc08a', message: notStorable },
    { name: 'surrogates in the wrong order', value: '\udc08\ud83d', message: notStorable },
    { name: 'null', value: null, message: 'must be a string' },
    { name: 'a number', value: 1, message: 'must be a string' },
    { name: 'a boolean', value: true, message: 'must be a string' },
    { name: 'an array', value: ['x'], message: 'must be a string' },
    { name: 'an object', value: {}, message: 'must be a string' },
  ])('$name is refused', ({ value, message }) => {
    expect(parse(field, value)).toEqual({ ok: false, errors: [{ path, message }] });
  });
});

test('a missing session id is refused', () => {
  expect(parseEvent({ eventType: 'CLICK', metadata: { componentId: 1 } }, context)).toEqual({
    ok: false,
    errors: [{ path: 'sessionId', message: 'is required' }],
  });
});

test('a missing element id stays absent', () => {
  const parsed = parseEvent({ eventType: 'CLICK', sessionId: 's', metadata: { componentId: 1 } }, context);
  expect(parsed.ok && 'elementId' in parsed.event).toBe(false);
  expect(parsed.ok).toBe(true);
});
