import { expect, test } from '@jest/globals';
import { newEventId } from '../src/event-id.ts';

test('an id is a UUID of version 7 that begins with its time', () => {
  const id = newEventId(0x0198c0de7a3e);
  expect(id).toMatch(/^0198c0de-7a3e-7[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/);
});

test('ids of one millisecond differ', () => {
  const ids = new Set(Array.from({ length: 1000 }, () => newEventId(1_700_000_000_000)));
  expect(ids.size).toBe(1000);
});
