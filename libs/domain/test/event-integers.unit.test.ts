import { describe, expect, test } from '@jest/globals';
import { parseEvent, type TrackedEvent } from '../src/index.ts';

const context = { now: Date.parse('2026-12-01T00:00:00Z'), newId: () => 'made' };
const outOfRange = 'must be an integer from 1 to 9007199254740991';

/** `json` stands where the field's value goes; undefined leaves the field out. */
function parse(field: 'userId' | 'componentId' | 'postId', json: string | undefined, eventType = 'CLICK') {
  const values = { userId: '1', componentId: '1', postId: '1', [field]: json };
  const member = (name: string, value: string | undefined) =>
    value === undefined ? [] : [`"${name}":${value}`];
  const metadata = [...member('componentId', values.componentId), ...member('postId', values.postId)];
  const members = [
    `"eventType":"${eventType}"`,
    '"sessionId":"s-1"',
    ...member('userId', values.userId),
    `"metadata":{${metadata.join(',')}}`,
  ];
  return parseEvent(JSON.parse(`{${members.join(',')}}`), context);
}

describe.each<{ field: keyof TrackedEvent & ('userId' | 'componentId' | 'postId'); path: string }>([
  { field: 'userId', path: 'userId' },
  { field: 'componentId', path: 'metadata.componentId' },
  { field: 'postId', path: 'metadata.postId' },
])('$path', ({ field, path }) => {
  test.each([
    { json: '1', stored: 1 },
    { json: '1.0', stored: 1 },
    { json: '42e1', stored: 420 },
    { json: '9007199254740991', stored: 2 ** 53 - 1 },
  ])('$json is accepted', ({ json, stored }) => {
    expect(parse(field, json)).toMatchObject({ ok: true, event: { [field]: stored } });
  });

  test.each([
    { json: '0', message: outOfRange },
    { json: '-0', message: outOfRange },
    { json: '-1', message: outOfRange },
    { json: '9007199254740992', message: outOfRange },
    { json: '1e300', message: outOfRange },
    { json: '1e400', message: 'must be a number' },
    { json: '1.5', message: outOfRange },
    { json: '0.9999', message: outOfRange },
    { json: '"1"', message: 'must be a number' },
    { json: '""', message: 'must be a number' },
    { json: '"\\u0000"', message: 'must be a number' },
    { json: 'null', message: 'must be a number' },
    { json: 'true', message: 'must be a number' },
    { json: '[1]', message: 'must be a number' },
    { json: '{}', message: 'must be a number' },
  ])('$json is refused', ({ json, message }) => {
    expect(parse(field, json)).toEqual({ ok: false, errors: [{ path, message }] });
  });
});

test('a missing component id is refused', () => {
  expect(parse('componentId', undefined)).toEqual({
    ok: false,
    errors: [{ path: 'metadata.componentId', message: 'is required' }],
  });
});

describe.each(['userId', 'postId'] as const)('a missing %s', (field) => {
  const path = field === 'postId' ? 'metadata.postId' : field;

  test.each(['CLICK', 'PAGE_VIEW'])('is fine for %s and stays absent', (eventType) => {
    const parsed = parse(field, undefined, eventType);
    expect(parsed.ok).toBe(true);
    expect(parsed.ok && field in parsed.event).toBe(false);
  });

  test.each(['LIKE', 'UNLIKE'])('is refused for %s', (eventType) => {
    expect(parse(field, undefined, eventType)).toEqual({
      ok: false,
      errors: [{ path, message: 'is required' }],
    });
  });

  test.each(['LIKE', 'UNLIKE'])('is not made up for by null for %s', (eventType) => {
    expect(parse(field, 'null', eventType)).toEqual({
      ok: false,
      errors: [{ path, message: 'must be a number' }],
    });
  });
});
