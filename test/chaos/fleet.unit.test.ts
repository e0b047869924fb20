import type { TestProcess } from '@event-tracker/testing';
import { expect, test } from '@jest/globals';
import { createFleet } from './fleet.ts';

const process: TestProcess = {
  pid: 1,
  url: 'http://127.0.0.1:4000',
  signal() {},
  ended: new Promise(() => {}),
  stop: async () => 0,
  output: () => '',
};

function aFleet(slowStarts: number) {
  let asked = 0;
  async function start(): Promise<TestProcess> {
    asked += 1;
    if (asked <= slowStarts) throw new Error('the start did not come true in 20000 ms');
    return process;
  }
  const starters = { api: start, worker: start };
  return createFleet({ env: {}, logFolder: '/nowhere', onWrong() {}, starters });
}

test('a place whose process is too slow to start on a busy machine is filled all the same', async () => {
  const fleet = aFleet(2);
  await fleet.start('api 1');
  expect(fleet.urls()).toEqual([process.url]);
});

test('a process that never starts is told', async () => {
  await expect(aFleet(100).start('api 1')).rejects.toThrow('did not come true');
});
