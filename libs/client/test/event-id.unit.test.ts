import { expect, test } from '@jest/globals';
import { newEventId } from '../src/event-id.ts';

const now = Date.now();

test('an id is a UUID of version 7 that begins with its time', () => {
  const time = now
    .toString(16)
    .padStart(12, '0')
    .replace(/(.{8})/, '$1-');
  const id = newEventId(now);
  expect(id.slice(0, 13)).toBe(time);
  expect(id.slice(13)).toMatch(/^-7[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/);
});

test('ids are in the order of the calls, also of one millisecond, and when the clock is set back', () => {
  const ids = Array.from({ length: 10_000 }, (_, at) => newEventId(at === 5000 ? now - 60_000 : now + 1));
  expect(new Set(ids).size).toBe(ids.length);
  expect([...ids].sort()).toEqual(ids);
});
