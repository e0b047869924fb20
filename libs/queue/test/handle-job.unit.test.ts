import { expect, test } from '@jest/globals';
import { type DeliveredJob, encodeBatch, handleJob, jobIdOf } from '../src/index.ts';
import { aBatch } from './support/a-batch.ts';

/** Where a job goes that has stalled so often. */
async function whereTo(stalls: number, canQuarantine = true) {
  const batch = aBatch();
  const job: DeliveredJob = {
    key: jobIdOf(batch),
    name: '1 events',
    data: encodeBatch(batch),
    createdAt: Date.now(),
    attempts: 1,
    stalls,
  };
  const went: string[] = [];
  const outcome = await handleJob(job, {
    process: async () => void went.push('processed'),
    bury: async () => void went.push('buried'),
    async quarantine(given) {
      if (!canQuarantine) throw new Error('Redis is away');
      went.push(given === job ? 'quarantined' : 'something else was quarantined');
    },
  }).catch((cause: Error) => cause.message);
  return [outcome, ...went];
}

test.each([
  [0, 'processed'],
  [1, 'processed'],
  [2, 'quarantined'],
  [7, 'quarantined'],
])('a job that stalled %i times is %s', async (stalls, where) => {
  expect(await whereTo(stalls)).toEqual(['done', where]);
});

test('a job that can not be quarantined yet stays where it is, untried', async () => {
  expect(await whereTo(2, false)).toEqual(['Redis is away']);
});
