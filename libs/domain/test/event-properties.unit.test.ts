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
    { name: 'the largest number', json: '{"a":1.7976931348623157e+308}' },
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
    { name: '1e400', json: '{"a":1e400}', message: 'must not contain a number beyond 1.8e308' },
    {
      name: '-1e400 deep inside',
      json: '{"a":[[-1e400]]}',
      message: 'must not contain a number beyond 1.8e308',
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
