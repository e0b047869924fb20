import { describe, expect, test } from '@jest/globals';
import { eventTypes, isEventType, parseEvent, strategies } from '../src/index.ts';

const context = { now: Date.parse('2026-12-01T00:00:00Z'), newId: () => 'made' };
const unknownType = 'must be one of CLICK, PAGE_VIEW, SEARCH, LIKE, UNLIKE, in any letter case';

/** Has all that any type requires. */
function parse(eventType: unknown) {
  const metadata = { componentId: 1001, keyword: 'cat', postId: 7 };
  return parseEvent({ eventType, userId: 42, sessionId: 's-1', metadata }, context);
}

test('there are five event types', () => {
  expect(eventTypes).toEqual(['CLICK', 'PAGE_VIEW', 'SEARCH', 'LIKE', 'UNLIKE']);
});

test('every event type has its own strategy', () => {
  expect(eventTypes.map((type) => strategies[type].type)).toEqual(eventTypes);
});

describe.each(eventTypes.map((type) => ({ type })))('$type', ({ type }) => {
  const mixed = Array.from(type.toLowerCase(), (letter, i) => (i % 2 ? letter : letter.toUpperCase())).join(
    '',
  );

  test.each([type, type.toLowerCase(), mixed])('is stored in upper case when given as %s', (given) => {
    expect(parse(given)).toMatchObject({ ok: true, event: { eventType: type } });
  });

  test('may carry all of the optional fields', () => {
    expect(parse(type)).toMatchObject({ ok: true, event: { userId: 42, keyword: 'cat', postId: 7 } });
  });
});

test.each<{ given: unknown; message: string }>([
  { given: undefined, message: 'is required' },
  { given: null, message: unknownType },
  { given: '', message: unknownType },
  { given: 'HOVER', message: unknownType },
  { given: ' CLICK', message: unknownType },
  { given: 'CLICK\n', message: unknownType },
  { given: 'PAGE VIEW', message: unknownType },
  { given: 'PAGEVIEW', message: unknownType },
  { given: 'CLICK\u0000', message: unknownType },
  { given: 'CLICK\ud800', message: unknownType },
  { given: 'ANY', message: unknownType },
  { given: 'toString', message: unknownType },
  { given: 'constructor', message: unknownType },
  { given: 'hasOwnProperty', message: unknownType },
  { given: '__proto__', message: unknownType },
  { given: 1, message: unknownType },
  { given: true, message: unknownType },
  { given: ['CLICK'], message: unknownType },
  { given: { type: 'CLICK' }, message: unknownType },
])('the event type $given is refused', ({ given, message }) => {
  expect(parse(given)).toEqual({ ok: false, errors: [{ path: 'eventType', message }] });
});

// Upper-casing the input never reaches these names: they are asked for directly.
test.each(['toString', 'constructor', '__proto__', 'click', ''])('%j names no event type', (text) => {
  expect(isEventType(text)).toBe(false);
});

test.each([
  { eventType: 'CLICK', requires: [] },
  { eventType: 'PAGE_VIEW', requires: [] },
  { eventType: 'SEARCH', requires: ['metadata.keyword'] },
  { eventType: 'LIKE', requires: ['metadata.postId', 'userId'] },
  { eventType: 'UNLIKE', requires: ['metadata.postId', 'userId'] },
])('$eventType requires $requires beyond what all types do', ({ eventType, requires }) => {
  const parsed = parseEvent({ eventType, sessionId: 's-1', metadata: { componentId: 1 } }, context);
  const errors = parsed.ok ? [] : parsed.errors.toSorted((a, b) => (a.path < b.path ? -1 : 1));
  expect(errors).toEqual(requires.map((path) => ({ path, message: 'is required' })));
});

test('a letter whose upper case happens to be one of the type is not that letter', () => {
  expect(parse('lıke')).toMatchObject({ ok: false });
});
