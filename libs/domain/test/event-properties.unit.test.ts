import { describe, expect, test } from '@jest/globals';
import { parseEvent } from '../src/index.ts';

const context = { now: Date.parse('2026-12-01T00:00:00Z'), newId: () => 'made' };
const notStorable = 'must not contain a NUL or an unpaired surrogate';
const tooDeep = 'must be at most 5 levels deep';
const tooLarge = 'must be at most 4096 bytes as JSON, got 4097';

/** As they come from the wire: only JSON can hold 1e400 or a `__proto__` of its own. */
function parse(json: string) {
  const text = `{"eventType":"CLICK","sessionId":"s","metadata":{"componentId":1},"properties":${json}}`;
  return parseEvent(JSON.parse(text), context);
}

// `{"a":""}` is 8 bytes of them.
const ofBytes = (text: string) => JSON.stringify({ a: text });

describe('properties', () => {
  test.each([
    { name: 'none at all', json: '{}' },
    {
      name: 'every kind of value',
      json: '{"a":"text","b":-1.5e3,"c":true,"d":null,"e":[1,"x",null],"f":{}}',
    },
    { name: 'the largest integers', json: '{"a":9007199254740991,"b":-9007199254740991}' },
    {
      name: 'the largest integer written otherwise',
      json: '{"a":9007199254740991.0,"b":9.007199254740991e15}',
    },
    { name: 'numbers that are none', json: '{"a":0.1,"b":1e-300,"c":4503599627370495.5,"d":-0}' },
    { name: 'a large integer as a text', json: '{"a":"9007199254740993"}' },
    { name: 'empty names and texts', json: '{"":""}' },
    { name: 'names of Object.prototype', json: '{"__proto__":{"a":1},"constructor":1,"toString":"x"}' },
    { name: 'emoji in name and value', json: '{"🐈":"🐈"}' },
    { name: 'objects 5 levels deep', json: '{"a":{"b":{"c":{"d":{}}}}}' },
    { name: 'values in the 5th level', json: '{"a":{"b":{"c":{"d":{"e":1}}}}}' },
    { name: 'arrays 5 levels deep', json: '{"a":[[[[]]]]}' },
    { name: 'objects in arrays, 5 levels deep', json: '{"a":[{"b":[{"c":1}]}]}' },
    { name: '4,096 bytes of ASCII', json: ofBytes('x'.repeat(4088)) },
    { name: '4,096 bytes of Hangul', json: ofBytes(`${'고'.repeat(1362)}xx`) },
    { name: '4,096 bytes of emoji', json: ofBytes('🐈'.repeat(1022)) },
    { name: '4,096 bytes of escapes', json: ofBytes('"'.repeat(2044)) },
  ])('may hold $name, and are stored as they came', ({ json }) => {
    const parsed = parse(json);
    expect(parsed.ok).toBe(true);
    // As text: a comparison of objects might not look at a `__proto__` of their own.
    expect(JSON.stringify(parsed.ok && parsed.event.properties)).toBe(JSON.stringify(JSON.parse(json)));
  });

  test('may be sent with white space beyond 4,096 bytes', () => {
    expect(parse(`{${' '.repeat(5000)}"a":1}`)).toMatchObject({ ok: true, event: { properties: { a: 1 } } });
  });

  test.each([
    { name: 'null', json: 'null', message: 'must be a JSON object' },
    { name: 'an array', json: '[{}]', message: 'must be a JSON object' },
    { name: 'a text', json: '"{}"', message: 'must be a JSON object' },
    { name: 'a number', json: '1', message: 'must be a JSON object' },
    { name: 'a boolean', json: 'false', message: 'must be a JSON object' },
    { name: 'objects 6 levels deep', json: '{"a":{"b":{"c":{"d":{"e":{}}}}}}', message: tooDeep },
    { name: 'arrays 6 levels deep', json: '{"a":[[[[[]]]]]}', message: tooDeep },
    { name: 'objects in arrays, 6 levels deep', json: '{"a":[{"b":[{"c":[]}]}]}', message: tooDeep },
    {
      name: 'one branch of many too deep',
      json: '{"z":1,"a":[1,{"b":[0,{"c":{"d":1}}]}]}',
      message: tooDeep,
    },
    { name: 'a depth bomb', json: `{"a":${'['.repeat(100_000)}${']'.repeat(100_000)}}`, message: tooDeep },
    { name: '4,097 bytes of ASCII', json: ofBytes('x'.repeat(4089)), message: tooLarge },
    { name: '4,097 bytes of Hangul', json: ofBytes('고'.repeat(1363)), message: tooLarge },
    { name: '4,097 bytes of emoji', json: ofBytes(`${'🐈'.repeat(1022)}x`), message: tooLarge },
    { name: '4,097 bytes of names', json: `{"${'x'.repeat(4091)}":1}`, message: tooLarge },
    {
      name: 'far more than 4,096 bytes',
      json: ofBytes('x'.repeat(1_000_000)),
      message: 'must be at most 4096 bytes as JSON, got over 16384',
    },
    {
      name: 'far too many values',
      json: `{"a":[${'1,'.repeat(1_000_000)}1]}`,
      message: 'must be at most 4096 bytes as JSON, got over 16384',
    },
    { name: 'a NUL in a value', json: '{"a":"x\\u0000"}', message: notStorable },
    { name: 'a NUL in a name', json: '{"x\\u0000":1}', message: notStorable },
    { name: 'a NUL in a value in an array', json: '{"a":["\\u0000"]}', message: notStorable },
    { name: 'a NUL in a name inside', json: '{"a":[{"\\u0000":1}]}', message: notStorable },
    { name: 'a high surrogate alone in a value', json: '{"a":"\\ud800"}', message: notStorable },
    { name: 'a low surrogate alone in a name', json: '{"\\udc00":1}', message: notStorable },
    { name: 'a surrogate alone in a value inside', json: '{"a":{"b":["x\\udc00"]}}', message: notStorable },
    { name: 'a surrogate alone in a name inside', json: '{"a":{"\\ud800":1}}', message: notStorable },
    { name: 'a NUL in the 5th level', json: '{"a":{"b":{"c":{"d":{"e":"\\u0000"}}}}}', message: notStorable },
    { name: 'a NUL under __proto__', json: '{"__proto__":{"a":"\\u0000"}}', message: notStorable },
  ])('that are or hold $name are refused', ({ json, message }) => {
    expect(parse(json)).toEqual({ ok: false, errors: [{ path: 'properties', message }] });
  });

  test('that are missing stay absent', () => {
    const event = { eventType: 'CLICK', sessionId: 's-1', metadata: { componentId: 1 } };
    const parsed = parseEvent(event, context);
    expect(parsed.ok).toBe(true);
    expect(parsed.ok && 'properties' in parsed.event).toBe(false);
  });
});

describe('a number beyond ±(2^53 - 1) would be rounded, and is refused by its path:', () => {
  const message = 'must not be a number beyond ±9007199254740991, which would be rounded: send it as a text';

  test.each([
    '9007199254740992',
    '9007199254740993',
    '-9007199254740993',
    '9007199254740993.0',
    '9.007199254740993e15',
    '90071992547409930E-1',
    '900719925474099300000e-5',
    '1e16',
    '1.7976931348623157e+308',
    '1e400',
    '-1e400',
    '1'.repeat(1000),
  ])('%s', (number) => {
    expect(parse(`{"orderId":${number}}`)).toEqual({
      ok: false,
      errors: [{ path: 'properties.orderId', message }],
    });
  });

  test('in lists and objects, under any name', () => {
    const json =
      '{"list":[1,{"id":9007199254740993}],"__proto__":{"x":1e16},"\\u0061":1e17,"constructor":1e18}';
    expect(parse(json)).toEqual({
      ok: false,
      errors: [
        { path: 'properties.list[1].id', message },
        { path: 'properties.__proto__.x', message },
        { path: 'properties.a', message },
        { path: 'properties.constructor', message },
      ],
    });
  });

  test('the first 20 of many are listed, and names that are long in part', () => {
    const many = parse(`{"a":[${Array(30).fill('1e16').join(',')}]}`);
    expect(!many.ok && many.errors.map(({ path }) => path)).toEqual([
      ...Array.from({ length: 20 }, (_, at) => `properties.a[${at}]`),
      'properties',
    ]);
    const long = parse(`{"${'🐈'.repeat(1000)}":1e16}`);
    expect(!long.ok && long.errors[0]!.path).toBe(`properties.${'🐈'.repeat(50)}…`);
  });
});
