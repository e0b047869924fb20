import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { parseEvent } from '../src/index.ts';

const madeId = '0198c0de-0000-7000-8000-000000000001';
const context = { now: Date.parse('2026-12-01T00:00:00Z'), newId: () => madeId };

function parse(change: { eventId?: unknown }) {
  return parseEvent(
    { eventType: 'CLICK', sessionId: 's-1', metadata: { componentId: 1 }, ...change },
    context,
  );
}

describe('an event id of the client', () => {
  test.each('0123456789abcdef'.split(''))('may be a UUID of version %s', (version) => {
    const eventId = `0198c0de-abcd-${version}000-8000-0000000000ff`;
    expect(parse({ eventId })).toMatchObject({ ok: true, event: { eventId, clientId: true } });
  });

  test.each([
    { name: 'upper case', eventId: '0198C0DE-ABCD-7000-8000-0000000000FF' },
    { name: 'mixed case', eventId: '0198c0DE-AbCd-7000-8000-0000000000fF' },
    { name: 'lower case', eventId: '0198c0de-abcd-7000-8000-0000000000ff' },
  ])('in $name is kept in lower case', ({ eventId }) => {
    expect(parse({ eventId })).toMatchObject({
      ok: true,
      event: { eventId: '0198c0de-abcd-7000-8000-0000000000ff', clientId: true },
    });
  });

  test.each([
    '00000000-0000-0000-0000-000000000001',
    'ffffffff-ffff-ffff-ffff-ffffffffffff',
    '0198c0de-abcd-7000-0000-0000000000ff',
  ])('may be %s, of whatever variant', (eventId) => {
    expect(parse({ eventId })).toMatchObject({ ok: true, event: { eventId } });
  });

  test('in any letter case is the same id', () => {
    fc.assert(
      fc.property(fc.uuid(), fc.array(fc.boolean(), { minLength: 36, maxLength: 36 }), (id, upper) => {
        const eventId = id.replace(/./g, (digit, i: number) => (upper[i] ? digit.toUpperCase() : digit));
        expect(parse({ eventId })).toMatchObject({ ok: true, event: { eventId: id } });
      }),
    );
  });

  test('is not the nil UUID', () => {
    expect(parse({ eventId: '00000000-0000-0000-0000-000000000000' })).toEqual({
      ok: false,
      errors: [{ path: 'eventId', message: 'must not be the nil UUID' }],
    });
  });

  test.each<{ name: string; eventId: unknown }>([
    { name: 'empty', eventId: '' },
    { name: 'of 31 digits', eventId: '0198c0de-abcd-7000-8000-0000000000f' },
    { name: 'of 33 digits', eventId: '0198c0de-abcd-7000-8000-0000000000fff' },
    { name: 'without hyphens', eventId: '0198c0deabcd700080000000000000ff' },
    { name: 'in braces', eventId: '{0198c0de-abcd-7000-8000-0000000000ff}' },
    { name: 'a URN', eventId: 'urn:uuid:0198c0de-abcd-7000-8000-0000000000ff' },
    { name: 'of other letters than hex digits', eventId: '0198c0de-abcd-7000-8000-0000000000fg' },
    { name: 'of full-width digits', eventId: '０198c0de-abcd-7000-8000-0000000000ff' },
    { name: 'followed by a line feed', eventId: '0198c0de-abcd-7000-8000-0000000000ff\n' },
    { name: 'after a blank', eventId: ' 0198c0de-abcd-7000-8000-0000000000ff' },
    { name: 'ended by a NUL', eventId: '0198c0de-abcd-7000-8000-0000000000f\u0000' },
    { name: 'null', eventId: null },
    { name: 'a number', eventId: 1 },
    { name: 'an array', eventId: ['0198c0de-abcd-7000-8000-0000000000ff'] },
  ])('is refused when it is $name', ({ eventId }) => {
    expect(parse({ eventId })).toEqual({
      ok: false,
      errors: [{ path: 'eventId', message: 'must be a UUID' }],
    });
  });
});

test('an event without an id gets one of the server', () => {
  expect(parse({})).toMatchObject({ ok: true, event: { eventId: madeId, clientId: false } });
});

test('an id of the server is made only for an event that came without one', () => {
  let made = 0;
  const counting = { now: context.now, newId: () => `${++made}` };
  const event = { eventType: 'CLICK', sessionId: 's-1', metadata: { componentId: 1 } };
  parseEvent({ ...event, eventId: madeId }, counting);
  parseEvent({ ...event, sessionId: '' }, counting);
  expect(made).toBe(0);
  parseEvent(event, counting);
  expect(made).toBe(1);
});
