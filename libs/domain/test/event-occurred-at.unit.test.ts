import { describe, expect, test } from '@jest/globals';
import { maximumBehindMs, parseEvent } from '../src/index.ts';

const now = Date.parse('2026-12-01T00:00:00.000Z');
const notATime = 'must be an ISO 8601 date and time with an offset';

function parse(occurredAt: unknown, at = now) {
  const input = { eventType: 'CLICK', sessionId: 's-1', metadata: { componentId: 1 }, occurredAt };
  return parseEvent(input, { now: at, newId: () => 'made' });
}

test('without occurredAt an event occurred when it was received', () => {
  expect(parse(undefined)).toMatchObject({ ok: true, event: { occurredAt: now, receivedAt: now } });
});

describe('occurredAt is kept to the millisecond, in UTC', () => {
  test.each([
    { given: '2026-11-22T10:34:00Z', stored: '2026-11-22T10:34:00.000Z' },
    { given: '2026-11-22T10:34:00.5Z', stored: '2026-11-22T10:34:00.500Z' },
    { given: '2026-11-22T10:34:00.123Z', stored: '2026-11-22T10:34:00.123Z' },
    { given: '2026-11-22T10:34:00.1239Z', stored: '2026-11-22T10:34:00.123Z' },
    { given: '2026-11-22T10:34:00.123999999Z', stored: '2026-11-22T10:34:00.123Z' },
    { given: '2026-11-22T10:34:59.999999Z', stored: '2026-11-22T10:34:59.999Z' },
    { given: '2026-11-22T19:34:00+09:00', stored: '2026-11-22T10:34:00.000Z' },
    { given: '2026-11-22T05:04:00.25-05:30', stored: '2026-11-22T10:34:00.250Z' },
    { given: '2026-11-22T10:34:00+00:00', stored: '2026-11-22T10:34:00.000Z' },
    { given: '2026-11-23T00:19:00+13:45', stored: '2026-11-22T10:34:00.000Z' },
    { given: '2026-11-30T23:59:59.999Z', stored: '2026-11-30T23:59:59.999Z' },
    { given: '2026-11-22t10:34:00z', stored: '2026-11-22T10:34:00.000Z' },
    { given: '2026-11-22T10:34z', stored: '2026-11-22T10:34:00.000Z' },
    { given: '2026-11-22T10:34:60Z', stored: '2026-11-22T10:35:00.000Z' },
    { given: '2026-11-22T19:59:60.25+09:00', stored: '2026-11-22T11:00:00.250Z' },
    { given: '2026-11-22T23:59:60Z', stored: '2026-11-23T00:00:00.000Z' },
    { given: '2026-11-22T10:34:00-00:00', stored: '2026-11-22T10:34:00.000Z' },
    { given: `2026-11-22T10:34:00.5${'0'.repeat(78)}Z`, stored: '2026-11-22T10:34:00.500Z' },
  ])('$given is $stored', ({ given, stored }) => {
    expect(parse(given)).toMatchObject({
      ok: true,
      event: { occurredAt: Date.parse(stored), receivedAt: now },
    });
  });

  test('29 February is a day of a leap year', () => {
    const at = Date.parse('2028-03-01T00:00:00Z');
    expect(parse('2028-02-29T12:00:00Z', at)).toMatchObject({
      ok: true,
      event: { occurredAt: at - 43_200_000 },
    });
  });
});

describe('a time that is not ISO 8601 with an offset is refused:', () => {
  test.each<{ given: unknown }>([
    { given: '2026-11-30T10:34:00' },
    { given: '2026-11-30T10:34:00.000' },
    { given: '2026-11-30' },
    { given: '2026-11-30 10:34:00Z' },
    { given: 'Mon, 30 Nov 2026 10:34:00 GMT' },
    { given: '11/30/2026' },
    { given: '2026-11-31T00:00:00Z' },
    { given: '2026-11-22T25:00:00Z' },
    { given: '2026-11-22T10:60:00Z' },
    { given: '2026-13-01T10:00:00Z' },
    { given: '2026-11-00T10:00:00Z' },
    { given: '2026-11-22T10:34:00+25:00' },
    { given: '2026-11-22T10:34:00.Z' },
    { given: '2026-11-22T10:34:61Z' },
    { given: '2026-11-22T24:00:00Z' },
    { given: '2026-11-22T10:34:00+0900' },
    { given: '2026-11-22T10:34:00+09:60' },
    { given: '2026-11-22T10:34:00,5Z' },
    { given: `2026-11-22T10:34:00.${'0'.repeat(100)}Z` },
    { given: `2026-11-22T10:34:00.${'0'.repeat(1_000_000)}Z` },
    { given: '2026-11-22T10:34:00Z\n' },
    { given: '2026-11-22T10:34:00Z\u0000' },
    { given: 'yesterday' },
    { given: '' },
    { given: null },
    { given: now },
    { given: {} },
    { given: true },
  ])('$given', ({ given }) => {
    expect(parse(given)).toEqual({ ok: false, errors: [{ path: 'occurredAt', message: notATime }] });
  });

  test('29 February of another year', () => {
    const parsed = parse('2027-02-29T00:00:00Z', Date.parse('2027-03-01T00:00:00Z'));
    expect(parsed).toEqual({ ok: false, errors: [{ path: 'occurredAt', message: notATime }] });
  });
});

// CONTRACT asks for ISO 8601 with an offset, and this is: what java.time prints for a whole minute.
test('a time may leave its seconds out', () => {
  expect(parse('2026-11-22T10:34Z')).toMatchObject({
    ok: true,
    event: { occurredAt: Date.parse('2026-11-22T10:34:00Z') },
  });
});

describe('occurredAt lies at most 30 days back', () => {
  test.each([
    { name: 'exactly 30 days back', given: '2026-11-01T00:00:00.000Z' },
    { name: '30 days back elsewhere', given: '2026-10-31T19:00:00.000-05:00' },
  ])('$name is accepted', ({ given }) => {
    expect(parse(given)).toMatchObject({ ok: true, event: { occurredAt: Date.parse(given) } });
  });

  test.each([
    { name: '1 ms more than 30 days back', given: '2026-10-31T23:59:59.999Z' },
    { name: 'hours too far back by its offset', given: '2026-11-01T00:00:00+01:00' },
    { name: 'at the epoch', given: '1970-01-01T00:00:00Z' },
    { name: 'in the first century', given: '0026-11-30T00:00:00Z' },
  ])('$name is refused', ({ given }) => {
    const message = 'must not be more than 30 days back';
    expect(parse(given)).toEqual({ ok: false, errors: [{ path: 'occurredAt', message }] });
  });

  test('by the constant that the rest of the system goes by', () => {
    expect(maximumBehindMs).toBe(2_592_000_000);
  });
});

test.each([
  '2026-12-01T00:00:00.001Z',
  '2026-12-01T00:05:00.000Z',
  '2026-11-30T23:00:00-05:00',
  '9999-12-31T23:59:59.999Z',
])('%s, ahead of the time of receipt, is set to it', (given) => {
  expect(parse(given)).toMatchObject({ ok: true, event: { occurredAt: now, receivedAt: now } });
});
