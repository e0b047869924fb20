import { eventsBytes } from '@event-tracker/domain';
import { expect, test } from '@jest/globals';
import { createHeldJobs, encodeBatch } from '../src/index.ts';
import { aBatch } from './support/a-batch.ts';

const payload = (events: number) => encodeBatch(aBatch(events));

test('what is held is known by events and by bytes, and what is let go is held no more', () => {
  const held = createHeldJobs({ eventsMax: 100, bytesMax: 1_000_000 });
  const batch = aBatch(3);
  const [letGo, letOtherGo] = [held.hold(encodeBatch(batch)), held.hold(payload(2))];
  expect(held.events()).toBe(5);
  letOtherGo();
  expect([held.events(), held.bytes()]).toEqual([3, eventsBytes(batch.events)]);
  letGo();
  expect([held.events(), held.bytes()]).toEqual([0, 0]);
});

test('there is room for as many more as the heaviest of late fits, and for none when it is full', () => {
  const held = createHeldJobs({ eventsMax: 100, bytesMax: 1_000_000 });
  const letGo = held.hold(payload(40));
  expect(held.room()).toBe(1);
  held.hold(payload(40));
  expect(held.room()).toBe(0);
  letGo();
  for (let light = 0; light < 500; light += 1) held.hold(payload(1))();
  expect(held.room()).toBe(60);
});

test('a job that is heavier than all there may be is taken when nothing else is held', () => {
  const held = createHeldJobs({ eventsMax: 10, bytesMax: 1_000_000 });
  const letGo = held.hold(payload(50));
  expect(held.room()).toBe(0);
  letGo();
  expect(held.room()).toBe(1);
});

test.each([
  undefined,
  null,
  7,
  'a text',
  {},
  { events: 3 },
  { events: [null, 7, { sessionId: 8, properties: 'x' }] },
])('what is no batch is held all the same: %j', (data) => {
  const held = createHeldJobs({ eventsMax: 10, bytesMax: 1_000_000 });
  held.hold(data)();
  expect([held.events(), held.bytes()]).toEqual([0, 0]);
});
