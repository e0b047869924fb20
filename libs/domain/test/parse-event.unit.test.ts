import { describe, expect, test } from '@jest/globals';
import { type FieldError, parseEvent } from '../src/index.ts';

const now = Date.parse('2026-12-01T00:00:00.000Z');
const madeId = '0198c0de-0000-7000-8000-000000000001';
const context = { now, newId: () => madeId };

function errorsOf(input: unknown): FieldError[] {
  const parsed = parseEvent(input, context);
  return parsed.ok ? [] : parsed.errors.toSorted((a, b) => (a.path < b.path ? -1 : 1));
}

test('an event with every field is accepted in its stored form', () => {
  const input = {
    eventType: 'search',
    userId: 42,
    sessionId: 's-1',
    metadata: { componentId: 1001, elementId: 'search-box', keyword: ' CAT  food ', postId: 7 },
    eventId: '0198C0DE-ABCD-7000-8000-0000000000FF',
    occurredAt: '2026-11-22T10:34:00.000Z',
    properties: { referrer: '/home' },
  };
  expect(parseEvent(input, context)).toStrictEqual({
    ok: true,
    event: {
      eventId: '0198c0de-abcd-7000-8000-0000000000ff',
      clientId: true,
      eventType: 'SEARCH',
      userId: 42,
      sessionId: 's-1',
      componentId: 1001,
      elementId: 'search-box',
      keyword: 'cat food',
      postId: 7,
      properties: { referrer: '/home' },
      occurredAt: Date.parse('2026-11-22T10:34:00.000Z'),
      receivedAt: now,
    },
  });
});

test('an event with the required fields alone gets an id of the server and the time of receipt', () => {
  const input = { eventType: 'CLICK', sessionId: 's-1', metadata: { componentId: 1002 } };
  expect(parseEvent(input, context)).toStrictEqual({
    ok: true,
    event: {
      eventId: madeId,
      clientId: false,
      eventType: 'CLICK',
      sessionId: 's-1',
      componentId: 1002,
      occurredAt: now,
      receivedAt: now,
    },
  });
});

test('the input is left as it was', () => {
  const input = Object.freeze({
    eventType: 'search',
    sessionId: 's-1',
    metadata: Object.freeze({ componentId: 1001, keyword: ' CAT ' }),
  });
  expect(parseEvent(input, context).ok).toBe(true);
  expect(input).toEqual({
    eventType: 'search',
    sessionId: 's-1',
    metadata: { componentId: 1001, keyword: ' CAT ' },
  });
});

describe('all errors of an event are listed at once', () => {
  test('for a known type, the time that is out of range among them', () => {
    const input = {
      eventType: 'LIKE',
      userId: 0,
      sessionId: ' ',
      metadata: { componentId: '1', elementId: '', keyword: '\u0000', pageId: 1 },
      eventId: 'x',
      occurredAt: '2026-10-31T23:59:59.999Z',
      sentAt: 'now',
      properties: [],
      colour: 'red',
    };
    expect(errorsOf(input)).toEqual([
      { path: 'colour', message: 'is not a known field' },
      { path: 'eventId', message: 'must be a UUID' },
      { path: 'metadata.componentId', message: 'must be a number' },
      { path: 'metadata.elementId', message: 'must be 1 to 256 characters, not blank' },
      { path: 'metadata.keyword', message: 'must not contain a NUL or an unpaired surrogate' },
      { path: 'metadata.pageId', message: 'is not a known field' },
      { path: 'metadata.postId', message: 'is required' },
      { path: 'occurredAt', message: 'must not be more than 30 days back' },
      { path: 'properties', message: 'must be a JSON object' },
      { path: 'sentAt', message: 'must be an ISO 8601 date and time with an offset' },
      { path: 'sessionId', message: 'must be 1 to 128 characters, not blank' },
      { path: 'userId', message: 'must be an integer from 1 to 9007199254740991' },
    ]);
  });

  test('for an unknown type, what holds for every type', () => {
    const input = {
      eventType: 'HOVER',
      userId: 1.5,
      metadata: { componentId: 1, postId: null, extra: 1 },
      occurredAt: '2026-10-31T23:59:59.999Z',
      extra: 1,
    };
    expect(errorsOf(input)).toEqual([
      {
        path: 'eventType',
        message: 'must be one of CLICK, PAGE_VIEW, SEARCH, LIKE, UNLIKE, in any letter case',
      },
      { path: 'extra', message: 'is not a known field' },
      { path: 'metadata.extra', message: 'is not a known field' },
      { path: 'metadata.postId', message: 'must be a number' },
      { path: 'occurredAt', message: 'must not be more than 30 days back' },
      { path: 'sessionId', message: 'is required' },
      { path: 'userId', message: 'must be an integer from 1 to 9007199254740991' },
    ]);
  });

  test('for an empty object', () => {
    expect(errorsOf({})).toEqual([
      { path: 'eventType', message: 'is required' },
      { path: 'metadata', message: 'is required' },
      { path: 'sessionId', message: 'is required' },
    ]);
  });
});

test.each<{ name: string; input: unknown }>([
  { name: 'null', input: null },
  { name: 'absence', input: undefined },
  { name: 'an array', input: [{ eventType: 'CLICK', sessionId: 's-1', metadata: { componentId: 1 } }] },
  { name: 'a string', input: '{"eventType":"CLICK"}' },
  { name: 'a number', input: 1 },
  { name: 'a boolean', input: true },
])('$name is no event', ({ input }) => {
  expect(parseEvent(input, context)).toEqual({
    ok: false,
    errors: [{ path: '', message: 'an event must be a JSON object' }],
  });
});

test.each<{ name: string; metadata: unknown; message: string }>([
  { name: 'missing', metadata: undefined, message: 'is required' },
  { name: 'null', metadata: null, message: 'must be an object' },
  { name: 'an array', metadata: [1], message: 'must be an object' },
  { name: 'a string', metadata: '1', message: 'must be an object' },
])('metadata that is $name is refused', ({ metadata, message }) => {
  expect(errorsOf({ eventType: 'CLICK', sessionId: 's-1', metadata })).toEqual([
    { path: 'metadata', message },
  ]);
});
