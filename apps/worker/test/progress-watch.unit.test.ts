import { until } from '@event-tracker/testing';
import { afterEach, expect, test } from '@jest/globals';
import { createProgressWatch, type ProgressWatch } from '../src/progress-watch.ts';

let watch: ProgressWatch;
let at = 0;

function start(held: number, ...lanesWait: (() => Promise<boolean>)[]): void {
  let looks = 0;
  // A second passes with each look.
  const now = () => 1000 * looks;
  watch = createProgressWatch({
    now,
    held() {
      looks += 1;
      at = looks;
      return held;
    },
    lanesWait,
  });
}
const looked = (times: number) => until(() => at >= times);

afterEach(() => watch.close());

const waits = async () => true;
const isEmpty = async () => false;

test('a lane with batches that nobody takes is a stall, though the worker holds none', async () => {
  start(0, isEmpty, waits);
  await until(() => watch.stalledMs() >= 1000);
  watch.completed();
  expect(watch.stalledMs()).toBe(0);
});

test('batches that are held and do not complete are a stall, with empty lanes', async () => {
  start(3, isEmpty);
  await until(() => watch.stalledMs() >= 1000);
});

test('a lane that cannot be asked counts as empty, and a worker without work never stalls', async () => {
  start(0, isEmpty, () => Promise.reject(new Error('away')));
  await looked(3);
  expect(watch.stalledMs()).toBe(0);
});
