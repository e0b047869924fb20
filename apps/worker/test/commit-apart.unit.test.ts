import { NeedsTrial } from '@event-tracker/queue';
import { expect, test } from '@jest/globals';
import fc from 'fast-check';
import { createApartCommits } from '../src/commit-apart.ts';
import { CommitFails } from '../src/commit-retries.ts';

/** Commits of numbers, of which some fail every commit that they are in. */
function openApart(bad: ReadonlySet<number>) {
  const committed: number[] = [];
  const failed: number[][] = [];
  const apart = createApartCommits<number>({
    async commit(items) {
      if (items.some((item) => bad.has(item))) {
        failed.push([...items]);
        throw new CommitFails(items.length, new Error('too slow'));
      }
      committed.push(...items);
    },
    sizeOf: () => 1,
    commitMax: 1000,
  });
  return { apart, committed, failed };
}

test('all but the bad ones are committed, each once, and each bad one is said to need a trial', async () => {
  const cases = fc.uniqueArray(fc.nat(60), { maxLength: 40 });
  await fc.assert(
    fc.asyncProperty(cases, fc.uniqueArray(fc.nat(60), { maxLength: 5 }), async (items, bad) => {
      const { apart, committed } = openApart(new Set(bad));
      const settled = await Promise.allSettled(items.map((item) => apart.submit(item)));
      const rejected = items.filter((_, at) => settled[at]!.status === 'rejected');
      expect(rejected).toEqual(items.filter((item) => bad.includes(item)));
      expect(committed).toHaveLength(items.length - rejected.length);
      expect(new Set(committed)).toEqual(new Set(items.filter((item) => !bad.includes(item))));
      expect(apart.pending()).toBe(0);
    }),
    { numRuns: 100 },
  );
});

test('one bad one among 256 fails nine commits at most', async () => {
  const { apart, failed } = openApart(new Set([77]));
  const items = Array.from({ length: 256 }, (_, at) => at);
  const settled = await Promise.allSettled(items.map((item) => apart.submit(item)));
  expect(settled.filter(({ status }) => status === 'rejected')).toEqual([
    { status: 'rejected', reason: expect.any(NeedsTrial) },
  ]);
  expect(failed.length).toBeLessThanOrEqual(9);
});

test('another failure ends the halving, and blames none', async () => {
  let commits = 0;
  const apart = createApartCommits<number>({
    commit() {
      commits += 1;
      return Promise.reject(new Error('PostgreSQL takes no events'));
    },
    sizeOf: () => 1,
    commitMax: 1000,
  });
  const settled = await Promise.allSettled([1, 2, 3, 4].map((item) => apart.submit(item)));
  expect(settled.map((one) => one.status === 'rejected' && (one.reason as Error).message)).toEqual(
    Array(4).fill('PostgreSQL takes no events'),
  );
  expect(commits).toBe(1);
});
