import { until } from '@event-tracker/testing';
import { expect, test } from '@jest/globals';
import { startHeartbeat } from '../src/ingest/heartbeat.ts';

/** A heartbeat of a process that has acknowledged so many events, and what it noted. */
function start({ away = false } = {}) {
  const state = { acknowledged: 0, away, now: 0 };
  const notes: number[] = [];
  const failures: unknown[] = [];
  const heartbeat = startHeartbeat({
    acknowledged: () => state.acknowledged,
    async note(count) {
      if (state.away) throw new Error('away');
      notes.push(count);
    },
    now: () => state.now,
    onError: (cause) => failures.push(cause),
  });
  return { state, notes, failures, heartbeat };
}

test('nothing is noted before anything is acknowledged', async () => {
  const { notes, heartbeat } = start();
  await heartbeat.close();
  expect(notes).toEqual([]);
});

test('growth is noted within about a second, and once', async () => {
  const { state, notes, heartbeat } = start();
  state.acknowledged = 3;
  await until(() => notes.length > 0, { limitMs: 2000 });
  state.acknowledged = 5;
  await until(() => notes.length > 1, { limitMs: 2000 });
  await heartbeat.close();
  expect(notes).toEqual([3, 5]);
});

test('an idle process is noted once an hour', async () => {
  const { state, notes, heartbeat } = start();
  state.acknowledged = 3;
  await until(() => notes.length > 0);
  state.now += 3_600_000;
  await until(() => notes.length > 1);
  await heartbeat.close();
  expect(notes).toEqual([3, 3]);
});

test('the end notes what was acknowledged since', async () => {
  const { state, notes, heartbeat } = start();
  state.acknowledged = 4;
  await heartbeat.close();
  expect(notes).toEqual([4]);
});

test('what could not be noted is noted once the store is back, as one number', async () => {
  const { state, notes, failures, heartbeat } = start({ away: true });
  state.acknowledged = 4;
  await until(() => failures.length > 0);
  state.acknowledged = 6;
  state.away = false;
  await until(() => notes.length > 0);
  await heartbeat.close();
  expect(notes).toEqual([6]);
});

test('a store that is away at the end does not keep the process', async () => {
  const { state, notes, heartbeat } = start({ away: true });
  state.acknowledged = 4;
  await heartbeat.close();
  expect(notes).toEqual([]);
});
