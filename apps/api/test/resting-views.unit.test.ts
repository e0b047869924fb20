import type { ViewReader } from '@event-tracker/storage';
import { beforeEach, expect, test } from '@jest/globals';
import { restingViews } from '../src/reads/resting-views.ts';

let clock: number;
let away: boolean;
let asked: number;

beforeEach(() => {
  clock = 5000;
  away = false;
  asked = 0;
});

const redis = {
  async recentKeywords() {
    asked += 1;
    if (away) throw new Error('a command timed out');
    return { status: 'fresh', value: ['cat'] };
  },
} as unknown as ViewReader;
const start = () => restingViews(redis, () => clock);

test('after a failure nobody asks for a second, then one does', async () => {
  const views = start();
  away = true;
  await expect(views.recentKeywords(1)).rejects.toThrow('a command timed out');
  for (let reader = 0; reader < 10; reader += 1) {
    expect(await views.recentKeywords(1)).toEqual({ status: 'behind' });
  }
  expect(asked).toBe(1);
  clock += 1000;
  const outcomes = await Promise.allSettled([views.recentKeywords(1), views.recentKeywords(1)]);
  expect(outcomes).toMatchObject([{ status: 'rejected' }, { value: { status: 'behind' } }]);
  expect(asked).toBe(2);
});

test('the first answer ends the rest', async () => {
  const views = start();
  away = true;
  await expect(views.recentKeywords(1)).rejects.toThrow();
  clock += 1000;
  away = false;
  for (let reader = 0; reader < 3; reader += 1)
    expect(await views.recentKeywords(1)).toEqual({ status: 'fresh', value: ['cat'] });
});
