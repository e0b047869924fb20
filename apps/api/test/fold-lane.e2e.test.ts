import { asAdmin, poll, until } from '@event-tracker/testing';
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import pg from 'pg';
import { click, expectProblem, expectStatus, get, post } from './requests.ts';
import { openStream } from './stream-reader.ts';
import { startTracker, type Tracker } from './tracker.ts';

/** From 80 % of it on clicks are refused. */
const eventsMax = 40;
let tracker: Tracker;
let database: pg.Client;

beforeAll(async () => {
  const env = { BACKLOG_MAX_EVENTS: String(eventsMax), FOLD_AGE_MAX_MS: '600000' };
  tracker = await startTracker({ env, worker: true });
  database = new pg.Client(tracker.databaseUrl);
  await database.connect();
});
afterAll(async () => {
  await database?.end();
  await tracker?.stop();
});

interface Lane {
  name: string;
  waiting: number;
  oldestSeconds: number;
}
const named = (lanes: Lane[]) => Object.fromEntries(lanes.map((lane) => [lane.name, lane]));
const readLanes = async () => named((await get<{ lanes: Lane[] }>(`${tracker.url}/admin/lanes`)).body.lanes);
const sendClicks = (count: number) =>
  expectStatus(
    post(
      `${tracker.url}/api/events/batch`,
      Array.from({ length: count }, () => click()),
    ),
    202,
  );

test('what is committed and not added up waits as a lane does: for operators, in the stream and the metrics, and it holds events back', async () => {
  await database.query('begin; lock table statistic in exclusive mode');
  await sendClicks(12);
  const { fast, fold } = await poll(async () => {
    const lanes = await readLanes();
    return lanes.fold!.waiting === 12 && lanes.fold!.oldestSeconds > 1 ? lanes : undefined;
  });
  expect([fast, fold]).toMatchObject([
    { waiting: 0, oldestSeconds: 0 },
    { waiting: 12, batches: null },
  ]);

  const reader = await openStream(`${tracker.url}/api/stream`);
  await until(() => reader.frames.length > 0);
  expect(named(reader.frames.at(-1)!.lanes as Lane[]).fold!.waiting).toBe(12);
  await reader.close();
  // The metrics are of the watch's last look.
  const metrics = await poll(async () => {
    const text = await (await fetch(`${tracker.url}/metrics`, { headers: asAdmin })).text();
    return Number(/lane_oldest_seconds\{lane="fold"\} (\S+)/.exec(text)![1]) > 1 ? text : undefined;
  });
  expect(metrics).toContain('event_tracker_lane_waiting_events{lane="fold"} 12\n');

  await sendClicks(eventsMax * 0.8 - 12);
  await until(async () => (await readLanes()).fold!.waiting === eventsMax * 0.8);
  await until(async () => (await post(`${tracker.url}/api/events`, click())).status === 503);
  const problem = await expectProblem(post(`${tracker.url}/api/events`, click()), 503);
  expect(problem.detail).toMatch(/wait/);

  await database.query('rollback');
  await until(async () => (await readLanes()).fold!.waiting === 0);
  await until(async () => (await post(`${tracker.url}/api/events`, click())).status === 202);
});
