import { expect, test } from '@jest/globals';
import { type BodyHold, createBodyBudget } from '../src/http/body-budget.ts';

function start(bytesMax: number) {
  const clock = { now: 0 };
  const budget = createBodyBudget({ bytesMax, now: () => clock.now });
  const refused: string[] = [];
  function open(name: string): BodyHold {
    const hold = budget.open();
    hold.refused = () => refused.push(name);
    return hold;
  }
  return { budget, clock, refused, open };
}

test('bodies within the budget are read, and leave nothing behind', () => {
  const { budget, refused, open } = start(10_000);
  const holds = ['a', 'b', 'c'].map(open);
  for (const hold of holds) hold.add(3000);
  expect(budget.bytes()).toBe(9768);
  for (const hold of holds) hold.close();
  expect(budget.bytes()).toBe(0);
  expect(refused).toEqual([]);
});

test('beyond it the body goes that has held the most for the longest, and a small new one is read', () => {
  const { budget, clock, refused, open } = start(10_000);
  const slow = open('slow');
  slow.add(4000);
  clock.now = 1000;
  const quick = open('quick');
  quick.add(5000);
  clock.now = 1001;
  const small = open('small');
  small.add(300);
  small.add(300);
  expect(refused).toEqual(['slow']);
  expect(budget.bytes()).toBe(5000 + 300 + 300 + 3 * 256);
  expect(budget.refusals()).toBe(1);
});

test('a refused body counts no more, whatever of it comes yet', () => {
  const { budget, refused, open } = start(1000);
  const large = open('large');
  large.add(2000);
  large.add(2000);
  expect(refused).toEqual(['large']);
  large.close();
  expect([budget.bytes(), budget.refusals()]).toEqual([0, 1]);
});

test('chunks weigh more than their bytes: a body that comes byte by byte is refused before it fills the memory', () => {
  const { budget, refused, open } = start(100_000);
  const drip = open('drip');
  for (let byte = 0; byte < 1000; byte += 1) drip.add(1);
  expect(refused).toEqual(['drip']);
  expect(budget.bytes()).toBe(0);
});
