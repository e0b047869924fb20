import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { expect, test } from '@jest/globals';
import { eventBytes, eventsBytes, type JsonObject, type TrackedEvent } from '../src/index.ts';

const anEvent = (properties?: JsonObject): TrackedEvent => ({
  eventId: '0198c0de-0000-7000-8000-000000000000',
  clientId: false,
  eventType: 'CLICK',
  sessionId: 's',
  componentId: 1,
  occurredAt: 0,
  receivedAt: 0,
  ...(properties && { properties }),
});

setFlagsFromString('--expose-gc');
const collectGarbage: () => void = runInNewContext('gc');

/** What so many copies take beyond what was taken before, each. */
function measured(text: string): number {
  const copies = 4000;
  collectGarbage();
  const before = process.memoryUsage().heapUsed;
  const kept = Array.from({ length: copies }, () => JSON.parse(text) as unknown);
  collectGarbage();
  const each = (process.memoryUsage().heapUsed - before) / copies;
  expect(kept).toHaveLength(copies);
  return each;
}

test.each([
  ['a text', JSON.stringify({ text: 'a'.repeat(4000) })],
  ['a text of two-byte characters', JSON.stringify({ text: '고'.repeat(1300) })],
  [
    'many short fields',
    JSON.stringify(Object.fromEntries(Array.from({ length: 400 }, (_, n) => [`k${n}`, n]))),
  ],
  ['many numbers', JSON.stringify({ list: Array.from({ length: 1300 }, (_, n) => n % 10) })],
  ['many empty arrays', JSON.stringify({ list: Array.from({ length: 1300 }, () => []) })],
  ['many empty objects', JSON.stringify({ list: Array.from({ length: 1300 }, () => ({})) })],
])('properties of %s weigh about what they take in memory, or more', (_what, text) => {
  const weight = eventBytes(anEvent(JSON.parse(text))) - eventBytes(anEvent());
  const took = measured(text);
  expect(weight).toBeGreaterThan(took * 0.8);
  expect(weight).toBeLessThan(took * 6);
});

test('values within values weigh, however deep they lie', () => {
  let deep: JsonObject = {};
  for (let level = 0; level < 100_000; level += 1) deep = { deep };
  expect(eventBytes(anEvent(deep))).toBeGreaterThan(6_400_000);
});

test('events weigh what each of them does', () => {
  const events = [anEvent(), anEvent({ a: 'b' }), anEvent({ a: null, b: [true, 1] })];
  expect(eventsBytes(events)).toBe(events.reduce((sum, event) => sum + eventBytes(event), 0));
});
