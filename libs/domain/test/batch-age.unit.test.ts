import { randomUUID, randomUUIDv7 } from 'node:crypto';
import { describe, expect, test } from '@jest/globals';
import { type Batch, batchMadeAt, isTooOld, type TrackedEvent } from '../src/index.ts';

const hour = 3_600_000;

function batch(id: string, receivedAt: number[] = []): Batch {
  const events = receivedAt.map((at): TrackedEvent => {
    const fields = { sessionId: 's-1', componentId: 1002, occurredAt: 0, receivedAt: at };
    return { eventId: randomUUID(), clientId: false, eventType: 'CLICK', ...fields };
  });
  return { id, producer: randomUUID(), acknowledged: 0, events };
}

test('the id of a batch says when it was made, whenever its events were received', () => {
  const before = Date.now();
  const madeAt = batchMadeAt(batch(randomUUIDv7(), [5]));
  expect(madeAt).toBeGreaterThanOrEqual(before);
  expect(madeAt).toBeLessThanOrEqual(Date.now());
  expect(batchMadeAt(batch('0199d9a6-3a00-7000-8000-000000000000'))).toBe(0x0199d9a63a00);
});

test('a batch whose id holds no time was made when its latest event was received', () => {
  expect(batchMadeAt(batch(randomUUID(), [7, 9, 8]))).toBe(9);
});

describe.each([
  ['made at the limit', 0, false],
  ['made a millisecond before the limit', -1, true],
  ['made after the limit', 1, false],
  ['made by a clock that is ahead', 100 * hour, false],
])('a batch %s', (_name, offset, expected) => {
  test(`is ${expected ? '' : 'not '}too old`, () => {
    const now = Date.UTC(2026, 10, 23);
    const made = batch(randomUUID(), [now - 72 * hour + offset]);
    expect(isTooOld(made, now, 72 * hour)).toBe(expected);
  });
});
