import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { parseEvent } from '../src/index.ts';

const context = { now: Date.parse('2026-12-01T00:00:00Z'), newId: () => 'made' };
const known = [
  'eventType',
  'userId',
  'sessionId',
  'metadata',
  'eventId',
  'occurredAt',
  'sentAt',
  'properties',
];
const knownInMetadata = ['componentId', 'elementId', 'keyword', 'postId'];

interface Extra {
  eventType?: string;
  top?: Record<string, unknown>;
  inside?: Record<string, unknown>;
}

/** Through JSON, as requests come: that alone makes a `__proto__` a field like any other. */
function errorsOf({ eventType = 'CLICK', top = {}, inside = {} }: Extra) {
  const members = (extra: Record<string, unknown>) => JSON.stringify(extra).slice(1, -1);
  const parts = [
    `"eventType":"${eventType}","sessionId":"s-1"`,
    `"metadata":{${['"componentId":1', members(inside)].filter(Boolean).join(',')}}`,
    members(top),
  ];
  const parsed = parseEvent(JSON.parse(`{${parts.filter(Boolean).join(',')}}`), context);
  return parsed.ok ? [] : parsed.errors;
}

function ownField(name: string, value: unknown): Record<string, unknown> {
  return Object.defineProperty({}, name, { value, enumerable: true });
}

const oddNames = [
  '__proto__',
  'constructor',
  'toString',
  'hasOwnProperty',
  'valueOf',
  '__defineGetter__',
  'prototype',
  'toJSON',
  'userID',
  'eventtype',
  'session_id',
  '고양이',
  '0',
  '',
  ' ',
];

describe.each(oddNames)('the unknown field %j', (name) => {
  test.each([1, null, { userId: 1 }])('with the value %j is refused by name', (value) => {
    expect(errorsOf({ top: ownField(name, value) })).toEqual([
      { path: name, message: 'is not a known field' },
    ]);
  });

  test('is refused by name in metadata', () => {
    expect(errorsOf({ inside: ownField(name, 1) })).toEqual([
      { path: `metadata.${name}`, message: 'is not a known field' },
    ]);
  });

  test('is refused by name when the type is unknown, too', () => {
    const errors = errorsOf({
      eventType: 'HOVER',
      top: ownField(name, 1),
      inside: ownField(name, 1),
    });
    expect(errors.filter(({ path }) => path !== 'eventType')).toEqual(
      expect.arrayContaining([
        { path: name, message: 'is not a known field' },
        { path: `metadata.${name}`, message: 'is not a known field' },
      ]),
    );
  });
});

test('a field of metadata is unknown at the top level', () => {
  for (const name of knownInMetadata)
    expect(errorsOf({ top: { [name]: 1 } })).toEqual([{ path: name, message: 'is not a known field' }]);
});

test('a field of the top level is unknown in metadata', () => {
  for (const name of known) {
    const path = `metadata.${name}`;
    expect(errorsOf({ inside: { [name]: 1 } })).toEqual([{ path, message: 'is not a known field' }]);
  }
});

test('every unknown field is named', () => {
  expect(
    errorsOf({ top: { a: 1, b: 2 }, inside: { a: 1, b: 2 } })
      .map(({ path }) => path)
      .sort(),
  ).toEqual(['a', 'b', 'metadata.a', 'metadata.b']);
});

test('a required field is not found in what __proto__ holds', () => {
  const errors = errorsOf({
    eventType: 'LIKE',
    top: ownField('__proto__', { userId: 1 }),
    inside: ownField('__proto__', { postId: 1 }),
  });
  expect(errors).toEqual(
    expect.arrayContaining([
      { path: 'userId', message: 'is required' },
      { path: 'metadata.postId', message: 'is required' },
    ]),
  );
});

test('whatever is not a known field is refused by its name', () => {
  const names = fc.string({ unit: 'grapheme' });
  fc.assert(
    fc.property(names, names, fc.jsonValue(), (top, inside, value) => {
      fc.pre(!known.includes(top) && !knownInMetadata.includes(inside));
      const errors = errorsOf({ top: ownField(top, value), inside: ownField(inside, value) });
      expect(errors.map(({ path }) => path).sort()).toEqual([top, `metadata.${inside}`].sort());
    }),
  );
});
