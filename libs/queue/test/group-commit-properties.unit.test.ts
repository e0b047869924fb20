import { setImmediate as nextTurn } from 'node:timers/promises';
import { expect, test } from '@jest/globals';
import fc from 'fast-check';
import { createGroupCommit, GroupCommitFull } from '../src/group-commit.ts';

interface Item {
  number: number;
  size: number;
}

interface Flush {
  group: Item[];
  cause?: Error;
  ended: boolean;
  end(fails: boolean): void;
}

const limits = fc.record({
  groupMax: fc.integer({ min: 1, max: 10 }),
  inFlightMax: fc.integer({ min: 1, max: 3 }),
  pendingMax: fc.integer({ min: 1, max: 40 }),
});

/** What happens to it: items come, one of the flushes under way ends, a turn of the event loop passes. */
const steps = fc.array(
  fc.oneof(
    { weight: 4, arbitrary: fc.record({ submit: fc.integer({ min: 1, max: 12 }) }) },
    { weight: 2, arbitrary: fc.record({ ends: fc.nat(), fails: fc.boolean() }) },
    { weight: 2, arbitrary: fc.constant({ turn: true }) },
  ),
  { maxLength: 60 },
);

test('whatever comes and fails: each item is flushed once and settled once, in order, within the limits', async () => {
  await fc.assert(
    fc.asyncProperty(limits, steps, async (limit, happenings) => {
      const flushes: Flush[] = [];
      const underWay = () => flushes.filter(({ ended }) => !ended);
      const group = createGroupCommit<Item>({
        ...limit,
        sizeOf: ({ size }) => size,
        flush: (items) =>
          new Promise<void>((resolve, reject) => {
            const flush: Flush = {
              group: items,
              ended: false,
              end(fails) {
                flush.ended = true;
                if (fails) flush.cause = new Error('failed');
                if (flush.cause) reject(flush.cause);
                else resolve();
              },
            };
            flushes.push(flush);
            expect(underWay().length).toBeLessThanOrEqual(limit.inFlightMax);
          }),
      });

      const taken: { item: Item; settled: unknown[] }[] = [];
      let pendingByModel = 0;
      const idle = async () => {
        await nextTurn();
        await nextTurn();
      };

      async function submit(size: number): Promise<void> {
        const mayCome = pendingByModel === 0 || pendingByModel + size <= limit.pendingMax;
        const item = { number: taken.length, size };
        const settled: unknown[] = [];
        const promise = group.submit(item);
        if (!mayCome) return expect(promise).rejects.toThrow(GroupCommitFull);
        taken.push({ item, settled });
        pendingByModel += size;
        promise.then(
          () => settled.push('flushed'),
          (cause: unknown) => settled.push(cause),
        );
      }

      async function end(flush: Flush, fails: boolean): Promise<void> {
        flush.end(fails);
        pendingByModel -= flush.group.reduce((sum, { size }) => sum + size, 0);
        await idle();
      }

      for (const happening of happenings) {
        if ('submit' in happening) await submit(happening.submit);
        else if ('turn' in happening) await idle();
        else {
          const candidates = underWay();
          const flush = candidates[happening.ends % candidates.length];
          if (flush) await end(flush, happening.fails);
        }
        expect(group.pending()).toBe(pendingByModel);
      }
      let closed = false;
      const closing = group.close().then(() => {
        closed = true;
      });
      await idle();
      for (let flush = underWay()[0]; flush; flush = underWay()[0]) {
        expect(closed).toBe(false);
        await end(flush, false);
      }
      expect(group.pending()).toBe(0);
      await closing;

      expect(flushes.flatMap((flush) => flush.group)).toEqual(taken.map(({ item }) => item));
      for (const flush of flushes) {
        expect(flush.group.length).toBeGreaterThan(0);
        const size = flush.group.reduce((sum, item) => sum + item.size, 0);
        expect(size <= limit.groupMax || flush.group.length === 1).toBe(true);
        for (const { number } of flush.group)
          expect(taken[number]!.settled).toEqual([flush.cause ?? 'flushed']);
      }
    }),
    { numRuns: 200 },
  );
});
