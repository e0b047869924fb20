import { describe, expect, test } from '@jest/globals';
import { parseEvent } from '../src/index.ts';

const now = Date.parse('2026-12-01T00:00:00.000Z');
const day = 86_400_000;
const at = (ms: number) => new Date(ms).toISOString();

function parse(fields: { occurredAt?: unknown; sentAt?: unknown }, batchSentAt?: number) {
  const input = { eventType: 'CLICK', sessionId: 's-1', metadata: { componentId: 1 }, ...fields };
  return parseEvent(input, { now, newId: () => 'made', sentAt: batchSentAt });
}

const occurredAtOf = (...given: Parameters<typeof parse>) => {
  const parsed = parse(...given);
  return parsed.ok ? parsed.event.occurredAt - now : parsed.errors;
};

describe('what the clocks differ by is taken off occurredAt', () => {
  test.each([
    { name: 'an hour slow', occurredAt: -3_700_000, sentAt: -3_600_000, stored: -100_000 },
    { name: 'an hour fast', occurredAt: 3_500_000, sentAt: 3_600_000, stored: -100_000 },
    { name: '30.001 s slow', occurredAt: -60_000, sentAt: -30_001, stored: -29_999 },
    { name: '30.001 s fast', occurredAt: -60_000, sentAt: 30_001, stored: -90_001 },
    { name: 'exactly 30 s slow: that may be the way', occurredAt: -60_000, sentAt: -30_000, stored: -60_000 },
    { name: 'exactly 30 s fast', occurredAt: -60_000, sentAt: 30_000, stored: -60_000 },
    { name: 'right', occurredAt: -60_000, sentAt: 0, stored: -60_000 },
    { name: 'years slow', occurredAt: -900 * day - 5000, sentAt: -900 * day, stored: -5000 },
    { name: 'years fast', occurredAt: 900 * day - 5000, sentAt: 900 * day, stored: -5000 },
    { name: 'slow, exactly 30 days ago', occurredAt: -31 * day, sentAt: -day, stored: -30 * day },
    { name: 'slow, and ahead of itself', occurredAt: 0, sentAt: -day, stored: 0 },
  ])('$name', ({ occurredAt, sentAt, stored }) => {
    const given = at(now + occurredAt);
    expect(occurredAtOf({ occurredAt: given, sentAt: at(now + sentAt) })).toBe(stored);
    expect(occurredAtOf({ occurredAt: given }, now + sentAt)).toBe(stored);
  });

  test('to the second of the epoch, where a device without a clock begins', () => {
    expect(occurredAtOf({ occurredAt: '1970-01-01T00:00:05Z', sentAt: '1970-01-01T00:01:05z' })).toBe(
      -60_000,
    );
  });
});

test('without occurredAt there is nothing to correct', () => {
  expect(occurredAtOf({ sentAt: at(now - day) })).toBe(0);
  expect(occurredAtOf({}, now - day)).toBe(0);
});

test('the sentAt of the event wins over that of its batch', () => {
  const occurredAt = at(now - 2 * day);
  expect(occurredAtOf({ occurredAt, sentAt: at(now - day) }, now - 1.5 * day)).toBe(-day);
  expect(occurredAtOf({ occurredAt, sentAt: at(now) }, now - day)).toBe(-2 * day);
});

test('30 days are counted once the clock is corrected', () => {
  const message = 'must not be more than 30 days back';
  expect(occurredAtOf({ occurredAt: at(now - 31 * day - 1), sentAt: at(now - day) })).toEqual([
    { path: 'occurredAt', message },
  ]);
  expect(occurredAtOf({ occurredAt: at(now - 29 * day), sentAt: at(now + 2 * day) })).toEqual([
    { path: 'occurredAt', message },
  ]);
});

test.each<{ sentAt: unknown }>([
  { sentAt: 'now' },
  { sentAt: '2026-11-30T10:34:00' },
  { sentAt: '' },
  { sentAt: null },
  { sentAt: now },
  { sentAt: `2026-11-30T10:34:00.${'1'.repeat(1_000_000)}Z` },
])('sentAt $sentAt is refused', ({ sentAt }) => {
  const errors = [{ path: 'sentAt', message: 'must be an ISO 8601 date and time with an offset' }];
  expect(parse({ occurredAt: at(now), sentAt })).toEqual({ ok: false, errors });
  expect(parse({ sentAt })).toEqual({ ok: false, errors });
});

test('sentAt is not stored', () => {
  const parsed = parse({ sentAt: at(now) });
  expect(parsed.ok && 'sentAt' in parsed.event).toBe(false);
  expect(parsed.ok).toBe(true);
});
