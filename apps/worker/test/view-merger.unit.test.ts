import { until } from '@event-tracker/testing';
import { afterEach, expect, test } from '@jest/globals';
import { createViewMerger, type ViewMerger } from '../src/view-merger.ts';

const mergers: ViewMerger[] = [];
afterEach(() => {
  for (const merger of mergers.splice(0)) merger.close();
});

/** Views that can be away (nothing answers) or refuse (they answer, and do not merge), and what was asked of them. */
function start() {
  const views = { away: false, refuse: false, elsewhere: false, tried: 0, probed: 0 };
  const told: string[] = [];
  const merger = createViewMerger({
    views: {
      async merge() {
        views.tried += 1;
        if (views.away || views.refuse) throw new Error('no merge');
      },
    },
    async probe() {
      views.probed += 1;
      if (views.away) throw new Error('away');
    },
    keptElsewhere: () => views.elsewhere,
    note: { away: () => told.push('away'), back: () => told.push('back') },
  });
  mergers.push(merger);
  return { views, told, merge: () => merger.merge([], []) };
}

test('while the views are here everything is merged', async () => {
  const { views, told, merge } = start();
  expect([await merge(), await merge()]).toEqual([true, true]);
  expect(views).toMatchObject({ tried: 2, probed: 0 });
  expect(told).toEqual([]);
});

test('while other workers keep views elsewhere nothing is merged, and the debt is left to them', async () => {
  const { views, told, merge } = start();
  views.elsewhere = true;
  expect([await merge(), await merge()]).toEqual([false, false]);
  views.elsewhere = false;
  expect(await merge()).toBe(true);
  expect(views).toMatchObject({ tried: 1, probed: 0 });
  expect(told).toEqual([]);
});

test('after a failure nothing is tried until a probe succeeds', async () => {
  const { views, told, merge } = start();
  views.away = true;
  expect(await merge()).toBe(false);
  for (let commits = 0; commits < 100; commits += 1) expect(await merge()).toBe(false);
  expect(views.tried).toBe(1);

  await until(() => views.probed > 1);
  expect(await merge()).toBe(false);
  expect(views.tried).toBe(1);
  views.away = false;
  await until(merge);
  expect(views.tried).toBe(2);
  expect(told).toEqual(['away', 'back']);
});

test('views that answer and refuse are tried once a probe, and not told to be back', async () => {
  const { views, told, merge } = start();
  views.refuse = true;
  await until(async () => {
    expect(await merge()).toBe(false);
    return views.probed >= 2;
  });
  expect(views.tried).toBeLessThanOrEqual(views.probed + 1);
  expect(told).not.toContain('back');
  views.refuse = false;
  await until(merge);
  expect(told.at(-1)).toBe('back');
});
