import { poll, until } from '@event-tracker/testing';
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { click, expectProblem, expectStatus, get, post } from './requests.ts';
import { startTracker, type Tracker } from './tracker.ts';

const eventsMax = 20;

let tracker: Tracker;

beforeAll(async () => {
  tracker = await startTracker({ env: { BACKLOG_MAX_EVENTS: String(eventsMax) } });
});

afterAll(() => tracker.stop());

const sendOne = () => post(`${tracker.url}/api/events`, click());
const sendMany = (count: number) =>
  post(
    `${tracker.url}/api/events/batch`,
    Array.from({ length: count }, () => click()),
  );

async function expectBusy(answering: Promise<Response>): Promise<void> {
  const response = await answering;
  expect(Number(response.headers.get('retry-after'))).toBeGreaterThanOrEqual(1);
  expect((await expectProblem(response, 503)).detail).toMatch(/wait/);
}

test('ingest is refused while the backlog stands at its limit, and taken again once a worker is there', async () => {
  await expectStatus(sendMany(eventsMax - 1), 202);
  await expectStatus(sendOne(), 202);
  await expectBusy(sendOne());
  await expectBusy(sendMany(2));
  // What one replica took the others see soon.
  const other = await tracker.addApi();
  await until(async () => (await post(`${other.url}/api/events`, click())).status === 503);

  const refused = await get(`${tracker.url}/admin/ledger`);
  const received = refused.body.received as number;
  expect(received).toBeGreaterThanOrEqual(eventsMax);

  await tracker.addWorker();
  await poll(async () => ((await sendOne()).status === 202 ? true : undefined));
  const stored = async () => (await get(`${tracker.url}/admin/ledger`)).body.stored;
  await until(async () => (await stored()) === received + 1);
});

test('other routes do not care', async () => {
  await expectStatus(fetch(`${tracker.url}/readyz`), 200);
  await expectStatus(fetch(`${tracker.url}/api/statistics/keywords/top`), 200);
});
