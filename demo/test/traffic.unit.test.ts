import { parseEvent } from '@event-tracker/domain';
import { expect, test } from '@jest/globals';
import { createTraffic } from '../traffic.ts';

const hour = 3_600_000;
const now = Date.parse('2026-11-22T10:34:56.789Z');
const options = { seed: 7, events: 20_000, users: 500, postIds: [11, 12, 13, 14, 15], now };
const traffic = [...createTraffic(options)];

test('the same seed makes the same events, another one shares no id with them', () => {
  expect([...createTraffic(options)]).toEqual(traffic);
  const ids = new Set(traffic.map(({ eventId }) => eventId));
  expect(ids.size).toBe(traffic.length);
  expect([...createTraffic({ ...options, seed: 8 })].some(({ eventId }) => ids.has(eventId))).toBe(false);
});

test('a later run sends the same ids', () => {
  const later = [...createTraffic({ ...options, now: now + 5 * hour })];
  expect(later.map(({ eventId }) => eventId)).toEqual(traffic.map(({ eventId }) => eventId));
});

test('every event is one that the API takes', () => {
  for (const event of traffic)
    expect(parseEvent(event, { now, newId: () => '' })).toMatchObject({ ok: true });
});

test('they lie in the last day, busier in the evening of Seoul than before its dawn', () => {
  const times = traffic.map(({ occurredAt }) => Date.parse(occurredAt!));
  expect(Math.max(...times)).toBeLessThanOrEqual(now);
  expect(Math.min(...times)).toBeGreaterThan(now - 24 * hour - 60_000);
  const at = (hourOfDay: number) => times.filter((time) => new Date(time).getUTCHours() === hourOfDay).length;
  expect(at(12)).toBeGreaterThan(5 * at(19));
});

test('some are late, most are in order', () => {
  const times = traffic.map(({ occurredAt }) => Date.parse(occurredAt!));
  const late = times.filter((time, index) => index > 0 && time < times[index - 1]! - 10 * 60_000).length;
  expect(late).toBeGreaterThan(traffic.length / 100);
  expect(late).toBeLessThan(traffic.length / 10);
});

test('keywords and posts are as unequal as Zipf says', () => {
  const counts = new Map<string, number>();
  for (const event of traffic)
    if (event.eventType === 'SEARCH')
      counts.set(event.metadata.keyword, (counts.get(event.metadata.keyword) ?? 0) + 1);
  expect(counts.get('고양이')! / counts.get('여행')!).toBeGreaterThan(1.6);
  expect(counts.get('고양이')! / counts.get('여행')!).toBeLessThan(2.5);
});
