import { startTestPostgres, type TestStore, until } from '@event-tracker/testing';
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import pg from 'pg';
import { click, expectStatus, post } from './requests.ts';
import { startTracker, type Tracker } from './tracker.ts';

interface Readiness {
  status: string;
  dependencies: Record<string, string>;
  reasons: string[];
}

let postgres: TestStore;
let admin: pg.Client;
let tracker: Tracker;

beforeAll(async () => {
  postgres = await startTestPostgres({ fsync: 'off' });
  admin = new pg.Client(postgres.url);
  await admin.connect();
  tracker = await startTracker({ databaseUrl: postgres.url });
});

afterAll(async () => {
  await tracker.stop();
  await admin.end();
  await postgres.stop();
});

const readiness = (url: string) => expectStatus<Readiness>(fetch(`${url}/readyz`), 200);

test('a PostgreSQL with fsync = off is used, and both processes say in /readyz what it does not hold', async () => {
  const worker = await tracker.addWorker();
  for (const { url } of [tracker.api, worker]) {
    const ready = await readiness(url);
    expect(ready).toMatchObject({ status: 'degraded', dependencies: { postgres: 'up' } });
    expect(ready.reasons).toEqual([expect.stringMatching(/^postgres: .*`fsync = off`.*set `fsync = on`/)]);
  }
  await expectStatus(post(`${tracker.url}/api/events`, click()), 202);
});

test('with a synchronous standby a commit does not rely on that disk alone', async () => {
  const reasons = async () => (await readiness(tracker.url)).reasons;
  expect(await reasons()).toHaveLength(1);
  await admin.query("alter system set synchronous_standby_names = 'elsewhere'");
  await admin.query('select pg_reload_conf()');
  try {
    await until(async () => (await reasons()).length === 0);
  } finally {
    await admin.query('alter system reset synchronous_standby_names');
    await admin.query('select pg_reload_conf()');
  }
});
