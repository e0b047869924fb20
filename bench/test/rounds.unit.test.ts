import { expect, test } from '@jest/globals';
import { inTurn, median, quantile, ratios } from '../kit/rounds.ts';

test('sides are measured in turn, and every other round backwards', async () => {
  const order: string[] = [];
  const side = (name: string) => async () => {
    order.push(name);
    return order.length;
  };
  const seen: string[] = [];
  const measured = await inTurn({
    sides: { a: side('a'), b: side('b'), c: side('c') },
    rounds: 3,
    onMeasured: (round, name, figure) => seen.push(`${round}${name}${figure}`),
  });
  expect(order.join('')).toBe('abccbaabc');
  expect(measured).toEqual({ a: [1, 6, 7], b: [2, 5, 8], c: [3, 4, 9] });
  expect(seen.slice(0, 4)).toEqual(['1a1', '1b2', '1c3', '2c4']);
});

test('the median of an even number of values lies between the two in the middle', () => {
  expect(median([4, 1, 3, 10])).toBe(3.5);
  expect(median([7])).toBe(7);
  expect(median([])).toBeNaN();
});

test('a quantile lies between the values around it', () => {
  expect(quantile([0, 10, 20, 30, 40], 0.99)).toBeCloseTo(39.6);
  expect(quantile([30, 10, 20], 0)).toBe(10);
});

test('ratios are taken within a round', () => {
  expect(ratios([10, 30], [5, 10])).toEqual([2, 3]);
});
