import { until } from '@event-tracker/testing';
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import pg from 'pg';
import { click, expectStatus, get, post } from './requests.ts';
import { startTracker, type Tracker } from './tracker.ts';

let tracker: Tracker;
let blocker: pg.Client;
// A transaction sees the activity of its first look alone: it can't watch what waits for itself.
let watcher: pg.Client;

beforeAll(async () => {
  tracker = await startTracker({ env: { DATABASE_CONNECTIONS_MAX: '2' } });
  blocker = new pg.Client(tracker.databaseUrl);
  watcher = new pg.Client(tracker.databaseUrl);
  await Promise.all([blocker.connect(), watcher.connect()]);
});

afterAll(async () => {
  await Promise.all([blocker?.end(), watcher?.end()]);
  await tracker?.stop();
});

test('while Redis is away, reads that hold every connection they may have do not keep events from being taken', async () => {
  await tracker.redis.kill();
  await until(async () => (await post(`${tracker.url}/api/events`, click())).status === 202);
  await blocker.query('begin; lock table statistic in access exclusive mode');
  const reading = Array.from({ length: 6 }, () =>
    fetch(`${tracker.url}/api/statistics?eventType=CLICK&componentId=1&postId=2`),
  );
  await until(async () => {
    const { rows } = await watcher.query<{ waiting: number }>(
      "select count(*)::int as waiting from pg_stat_activity where wait_event_type = 'Lock' and datname = current_database()",
    );
    return rows[0]!.waiting === 2;
  });

  for (let sent = 0; sent < 5; sent += 1) await expectStatus(post(`${tracker.url}/api/events`, click()), 202);

  await blocker.query('rollback');
  await Promise.all(reading);
  expect(
    (await get(`${tracker.url}/api/statistics`, { eventType: 'CLICK', componentId: 1, postId: 2 })).body,
  ).toEqual({ count: 0 });
});
