import { setImmediate as nextTurn } from 'node:timers/promises';
import type { Fold, FoldRequest } from '@event-tracker/storage';
import { until } from '@event-tracker/testing';
import { expect, test } from '@jest/globals';
import { createFoldLoop } from '../src/fold/fold-loop.ts';

const shards = [0, 1, 2, 3];
const nothing: Fold = {
  shards,
  held: false,
  changes: 0,
  more: false,
  counts: [],
  recentKeywords: [],
  debtId: undefined,
};

/** A loop whose folds wait until the test answers them, in the order in which they were asked for. */
function openLoop({ everyMs = 1, of = () => shards as readonly number[] } = {}) {
  const asked: (FoldRequest & { answer(fold?: Partial<Fold>): void; fail(cause: Error): void })[] = [];
  const failures: (readonly number[])[] = [];
  const loop = createFoldLoop({
    folds: {
      fold(request) {
        const { promise, resolve, reject } = Promise.withResolvers<Fold>();
        asked.push({ ...request, answer: (fold) => resolve({ ...nothing, ...fold }), fail: reject });
        return promise;
      },
    },
    shards: of,
    rowsMax: 100,
    changesMax: 1000,
    everyMs,
    inFlightMax: 2,
    onFolded: () => undefined,
    async onFailure(_cause, ofShards) {
      failures.push(ofShards);
    },
  });
  const nth = async (count: number) => {
    await until(() => asked.length >= count);
    return asked[count - 1]!;
  };
  return { loop, asked, failures, nth };
}

test('what is appended beside a fold that finds nothing is added up by the next, though nothing else comes', async () => {
  const { loop, nth } = openLoop();
  loop.wake();
  const empty = await nth(1);
  loop.wake();
  empty.answer();
  (await nth(2)).answer({ changes: 1 });
});

test('it rests when nothing is left, until it is woken', async () => {
  const { loop, asked, nth } = openLoop();
  loop.wake();
  (await nth(1)).answer({ changes: 5 });
  for (let turns = 0; turns < 20; turns += 1) await nextTurn();
  expect(asked).toHaveLength(1);
  loop.wake();
  (await nth(2)).answer();
});

test('a shard that another worker holds is looked at again, though nothing else comes', async () => {
  const { loop, nth } = openLoop();
  loop.wake();
  (await nth(1)).answer({ shards: [0, 1], held: true, changes: 5 });
  (await nth(2)).answer();
});

test('a failed fold is made again', async () => {
  const { loop, failures, nth } = openLoop();
  loop.wake();
  (await nth(1)).fail(new Error('conflict'));
  (await nth(2)).answer();
  expect(failures).toEqual([shards]);
});

test('a shard that is under repair is left out, and so is all work while each of them is', async () => {
  let of: readonly number[] = [0, 2];
  const { loop, asked, nth } = openLoop({ of: () => of });
  loop.wake();
  const fold = await nth(1);
  expect(fold.shards).toEqual([0, 2]);
  fold.answer();
  of = [];
  loop.wake();
  for (let turns = 0; turns < 20; turns += 1) await nextTurn();
  expect(asked).toHaveLength(1);
  of = [1];
  loop.wake();
  expect((await nth(2)).shards).toEqual([1]);
});

test('while much waits, shards are folded by themselves, so many at a time, those that have more again', async () => {
  const { loop, asked, nth } = openLoop();
  loop.wake();
  (await nth(1)).answer({ changes: 1000, more: true });
  const second = await nth(2);
  await nth(3);
  for (let turns = 0; turns < 20; turns += 1) await nextTurn();
  expect(asked).toHaveLength(3);
  const again = second.shards[0]!;
  second.answer({ changes: 1000, more: true });
  // The two that are under way, the two that were not yet, and the one that has more.
  for (const at of [3, 4, 5, 6]) (await nth(at)).answer({ changes: 1 });
  expect(asked.slice(1, 6).map((fold) => fold.shards[0])).toEqual(expect.arrayContaining([...shards, again]));
  (await nth(7)).answer();
  expect(asked[6]!.shards).toEqual(shards);
});

test('on its end it folds what is left, whoever folded just now, and then no more', async () => {
  const { loop, asked, nth } = openLoop({ everyMs: 60_000 });
  const closing = loop.close(new AbortController().signal);
  const fold = await nth(1);
  expect(fold.everyMs).toBe(0);
  fold.answer({ changes: 3, held: true });
  (await nth(2)).answer();
  await closing;
  expect(asked).toHaveLength(2);
});
