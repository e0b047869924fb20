import { expect, test } from '@jest/globals';
import { seededRandom } from '../../test/random-events.ts';
import { weightedRanks, zipf } from '../kit/alias-table.ts';

test('ranks come as often as their weights say', () => {
  const weights = Float64Array.from([5, 0, 1, 3, 1]);
  const draw = weightedRanks(weights, seededRandom(1));
  const counts = [0, 0, 0, 0, 0];
  const draws = 100_000;
  for (let turn = 0; turn < draws; turn += 1) counts[draw()]! += 1;
  expect(counts[1]).toBe(0);
  for (const [rank, weight] of weights.entries()) expect(counts[rank]! / draws).toBeCloseTo(weight / 10, 1.7);
});

test('of a million by Zipf’s law the first ten are a fifth, and the last half million a twentieth', () => {
  const draw = weightedRanks(zipf(1_000_000), seededRandom(2));
  const draws = 200_000;
  let [first, last] = [0, 0];
  for (let turn = 0; turn < draws; turn += 1) {
    const rank = draw();
    if (rank < 10) first += 1;
    if (rank >= 500_000) last += 1;
  }
  // Σ 1/n: of the first ten 2.93, of the last half million 0.69, of all 14.39.
  expect(first / draws).toBeCloseTo(2.93 / 14.39, 2);
  expect(last / draws).toBeCloseTo(0.69 / 14.39, 2);
});

test('the same seed gives the same ranks', () => {
  const draws = (seed: number) => {
    const draw = weightedRanks(zipf(1000), seededRandom(seed));
    return Array.from({ length: 20 }, draw);
  };
  expect(draws(3)).toEqual(draws(3));
  expect(draws(3)).not.toEqual(draws(4));
});
