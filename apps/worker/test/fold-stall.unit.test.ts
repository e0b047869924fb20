import { expect, test } from '@jest/globals';
import { createFoldStall } from '../src/fold/fold-stall.ts';

const work = (fields: { shard?: number | null; rows?: number; stalledMs?: number; unknown?: number }) => ({
  shard: 3,
  rows: 5,
  changes: 5,
  oldestMs: 1_000_000,
  stalledMs: 0,
  unknown: 0,
  ...fields,
});

function openStall() {
  const clock = { at: 5000 };
  const stall = createFoldStall(() => clock.at);
  return { clock, ...stall };
}

test('a shard of which nothing is taken stalls, however often it is looked at', () => {
  const { clock, seen, stalledMs } = openStall();
  clock.at += 100_000;
  seen([work({ stalledMs: 20_000 }), work({ shard: 4, stalledMs: 90_000 })]);
  expect(stalledMs()).toBe(90_000);
  clock.at += 1000;
  expect(stalledMs()).toBe(91_000);
  seen([work({ stalledMs: 21_000 })]);
  expect(stalledMs()).toBe(21_000);
});

test('an old backlog that moves does not stall, nor does nothing', () => {
  const { clock, seen, stalledMs } = openStall();
  clock.at += 100_000;
  seen([work({ stalledMs: 0 })]);
  expect(stalledMs()).toBe(0);
  seen([]);
  clock.at += 100_000;
  expect(stalledMs()).toBe(0);
});

test('what stood still before the worker began is counted from there', () => {
  const { clock, seen, stalledMs } = openStall();
  clock.at += 300;
  seen([work({ stalledMs: 3_600_000 })]);
  expect(stalledMs()).toBe(300);
});

test('commits that are not entered in the books stall, unless their changes wait for a newer worker', () => {
  const { clock, seen, stalledMs } = openStall();
  clock.at += 100_000;
  const books = work({ shard: null, stalledMs: 70_000 });
  seen([books]);
  expect(stalledMs()).toBe(70_000);
  seen([books, work({ rows: 0, unknown: 1 })]);
  expect(stalledMs()).toBe(0);
});
