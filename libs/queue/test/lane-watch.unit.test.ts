import { until } from '@event-tracker/testing';
import { afterEach, expect, test } from '@jest/globals';
import { createLaneWatch, type LaneMeasure, type LaneName, type LaneWatch } from '../src/index.ts';

let watch: LaneWatch | undefined;
afterEach(() => watch?.close());

/** A watch over lanes that answer what the test sets; an error is thrown. */
function start() {
  const found: Record<LaneName, LaneMeasure | Error> = {
    fast: { waiting: 3, oldestSeconds: 2 },
    durable: { waiting: 0, oldestSeconds: 0 },
    fold: { waiting: 0, oldestSeconds: 0 },
  };
  const ask = (name: keyof typeof found) => async () => {
    const answer = found[name];
    if (answer instanceof Error) throw answer;
    return answer;
  };
  const clock = { now: 0 };
  watch = createLaneWatch({
    measureLifeMs: 10_000,
    now: () => clock.now,
    measures: {
      redis: async () => ({ fast: await ask('fast')() }),
      postgres: async () => ({ durable: await ask('durable')(), fold: await ask('fold')() }),
    },
    readRedisMemory: async () => ({ usedBytes: 1, maxBytes: 4 }),
    onError: () => {},
  });
  return { watch, found, clock };
}

test('a lane says that it is not known until it is measured', () => {
  const { watch } = start();
  expect(watch.lanes()).toEqual([
    { name: 'fast', waiting: null, oldestSeconds: null },
    { name: 'durable', waiting: null, oldestSeconds: null },
    { name: 'fold', waiting: null, oldestSeconds: null },
  ]);
  expect(watch.depth()).toBe(0);
});

test('a lane that can no longer be measured says so, and counts as it did', async () => {
  const { watch, found } = start();
  await until(() => watch.lanes()[0]!.waiting === 3);
  expect(watch.redisMemory()).toEqual({ usedBytes: 1, maxBytes: 4 });
  found.fast = new Error('away');
  found.durable = { waiting: 5, oldestSeconds: 1 };
  await until(() => watch.lanes()[0]!.waiting === null);
  expect(watch.lanes()).toEqual([
    { name: 'fast', waiting: null, oldestSeconds: null },
    { name: 'durable', waiting: 5, oldestSeconds: 1 },
    { name: 'fold', waiting: 0, oldestSeconds: 0 },
  ]);
  expect(watch.lastKnown('fast')).toEqual({ waiting: 3, oldestSeconds: 2 });
  expect(watch.depth()).toBe(8);
});

test('what waits to be added up is part of the depth', async () => {
  const { watch, found } = start();
  found.fold = { waiting: 40, oldestSeconds: 7 };
  await until(() => watch.depth() === 43);
  expect(watch.lastKnown('fold')).toEqual({ waiting: 40, oldestSeconds: 7 });
});

test('what this process adds counts at once, and not for ever', async () => {
  const { watch } = start();
  await until(() => watch.depth() === 3);
  watch.added(10, 'fast');
  expect(watch.depth()).toBe(13);
  await until(() => watch.depth() === 3);
});

test('the measure of a lane that can no longer be measured expires; what is put there since counts on', async () => {
  const { watch, found, clock } = start();
  found.durable = { waiting: 500, oldestSeconds: 90 };
  await until(() => watch.lastKnown('durable').waiting === 500 && watch.lastKnown('fast').waiting === 3);
  found.durable = new Error('away');
  await until(() => watch.lanes()[1]!.waiting === null);
  watch.added(4, 'durable');
  clock.now = 9999;
  await until(() => watch.depth() === 507);
  expect(watch.lastKnown('durable')).toEqual({ waiting: 500, oldestSeconds: 90 });
  clock.now = 10_000;
  expect(watch.lastKnown('durable')).toEqual({ waiting: 4, oldestSeconds: 0 });
  await until(() => watch.depth() === 7);
  found.durable = { waiting: 450, oldestSeconds: 95 };
  await until(() => watch.lastKnown('durable').waiting === 450);
  expect(watch.depth()).toBe(453);
});
