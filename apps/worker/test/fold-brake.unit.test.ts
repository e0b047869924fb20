import { expect, test } from '@jest/globals';
import { createFoldBrake } from '../src/fold/fold-brake.ts';

function openBrake() {
  const changes: boolean[] = [];
  const brake = createFoldBrake({
    shards: 8,
    rowsMax: 100,
    ageMaxMs: 5000,
    isUnderRepair: (shard) => shard === 7,
    onChange: (closed) => void changes.push(closed),
  });
  return { ...brake, changes };
}

const work = (
  shard: number | null,
  fields: { rows?: number; oldestMs?: number; stalledMs?: number } = {},
) => ({
  shard,
  rows: 1,
  changes: 1,
  oldestMs: 0,
  stalledMs: 0,
  unknown: 0,
  ...fields,
});

test('commits wait while more rows wait than may, until half of them do', async () => {
  const { seen, isClosed, mayAppend, changes } = openBrake();
  seen([work(0, { rows: 60 }), work(1, { rows: 40 })]);
  expect(isClosed()).toBe(false);
  await mayAppend();
  seen([work(0, { rows: 60 }), work(1, { rows: 41 })]);
  expect(isClosed()).toBe(true);
  let appended = false;
  const waiting = mayAppend().then(() => (appended = true));
  seen([work(0, { rows: 51 })]);
  await Promise.resolve();
  expect(appended).toBe(false);
  seen([work(0, { rows: 50 })]);
  await waiting;
  expect(changes).toEqual([true, false]);
});

test('what this worker appends between two looks counts, until a look sees it', () => {
  const { seen, isClosed, appended, looking } = openBrake();
  seen([work(0, { rows: 60 })]);
  appended(40);
  expect(isClosed()).toBe(false);
  appended(1);
  expect(isClosed()).toBe(true);

  looking();
  // Beside the look, which may not see it.
  appended(30);
  seen([work(0, { rows: 21 })]);
  expect(isClosed()).toBe(true);
  looking();
  seen([work(0, { rows: 50 })]);
  expect(isClosed()).toBe(false);
});

test('commits wait while a row of a shard that moves is older than it may be, until it is half as old', () => {
  const { seen, isClosed } = openBrake();
  seen([work(2, { oldestMs: 5001, stalledMs: 300 })]);
  expect(isClosed()).toBe(true);
  seen([work(2, { oldestMs: 2501, stalledMs: 300 })]);
  expect(isClosed()).toBe(true);
  seen([work(2, { oldestMs: 2500, stalledMs: 300 })]);
  expect(isClosed()).toBe(false);
});

test('a shard that stands still, or is under repair, keeps no commit waiting, by its age alone; half of the shards do', () => {
  const { seen, isClosed } = openBrake();
  const still = { oldestMs: 60_000, stalledMs: 60_000 };
  seen([work(2, still), work(3), work(4)]);
  expect(isClosed()).toBe(false);
  seen([work(2, { ...still, rows: 101 })]);
  expect(isClosed()).toBe(true);
  seen([work(2, still)]);
  expect(isClosed()).toBe(false);
  seen([work(7, { oldestMs: 60_000, stalledMs: 10 })]);
  expect(isClosed()).toBe(false);
  seen([0, 1, 2].map((shard) => work(shard, still)));
  expect(isClosed()).toBe(false);
  seen([0, 1, 2, 3].map((shard) => work(shard, still)));
  expect(isClosed()).toBe(true);
});

test('the books are no shard: what waits to be entered alone keeps no commit waiting', () => {
  const { seen, isClosed, latest } = openBrake();
  seen([work(null, { rows: 5000, oldestMs: 60_000 })]);
  expect(isClosed()).toBe(false);
  expect(latest()).toEqual({ rows: 0, oldestMs: 0, unknown: 0 });
});

test('a worker that shuts down commits what it holds', async () => {
  const { seen, mayAppend, close } = openBrake();
  seen([work(0, { rows: 101 })]);
  const waiting = mayAppend();
  close();
  await waiting;
});
