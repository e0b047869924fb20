import { poll, until } from '@event-tracker/testing';
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { click, expectProblem, expectStatus, get, post } from './requests.ts';
import { startTracker, type Tracker } from './tracker.ts';

const shedAt = 16;
const eventsMax = 20;

let tracker: Tracker;

beforeAll(async () => {
  tracker = await startTracker({ env: { BACKLOG_MAX_EVENTS: String(eventsMax) } });
});

afterAll(() => tracker.stop());

const like = () => click({ eventType: 'LIKE', userId: 1, metadata: { postId: 7 } });
const search = () => click({ eventType: 'SEARCH', metadata: { keyword: 'cat' } });
const many = <T>(count: number, make: () => T) => Array.from({ length: count }, make);
const sendOne = (event: unknown = click(), url = tracker.url) => post(`${url}/api/events`, event);
const sendBatch = (events: unknown[]) => post(`${tracker.url}/api/events/batch`, events);
const received = async () => (await get(`${tracker.url}/admin/ledger`)).body.received as number;

async function expectBusy(answering: Promise<Response>) {
  const response = await answering;
  expect(Number(response.headers.get('retry-after'))).toBeGreaterThanOrEqual(1);
  const problem = await expectProblem(response, 503);
  expect(problem.detail).toMatch(/wait/);
  return problem;
}

test('below the first mark everything is taken', async () => {
  await expectStatus(sendBatch(many(shedAt - 1, click)), 202);
  // For a moment what is measured while it is added can count twice.
  await until(async () => (await sendOne()).status === 202);
});

test('above it clicks and page views are refused, likes and searches go on', async () => {
  await expectBusy(sendOne(click()));
  await expectBusy(sendOne(click({ eventType: 'page_view' })));
  await expectStatus(sendOne(like()), 202);

  const mixed = await sendBatch([
    click(),
    search(),
    { eventType: 'CLICK' },
    click({ eventType: 'PAGE_VIEW' }),
  ]);
  expect(Number(mixed.headers.get('retry-after'))).toBeGreaterThanOrEqual(1);
  expect(await expectStatus(mixed, 202)).toMatchObject({
    accepted: 1,
    rejected: 1,
    results: [
      { index: 0, status: 'busy' },
      { index: 1, status: 'accepted' },
      { index: 2, status: 'rejected' },
      { index: 3, status: 'busy' },
    ],
  });
  expect(await received()).toBe(shedAt + 2);
});

test('a batch of which nothing can be taken is refused as one, with what is wrong in it', async () => {
  const problem = await expectBusy(sendBatch([click(), click({ sessionId: '' })]));
  expect(problem.errors.map(({ path }) => path)).toEqual(['events[1].sessionId']);
  expect(await received()).toBe(shedAt + 2);
});

test('above the second mark all are refused, by every replica', async () => {
  await expectStatus(sendBatch(many(eventsMax - shedAt - 2, like)), 202);
  await expectBusy(sendOne(like()));
  await expectBusy(sendBatch([like(), search()]));
  const other = await tracker.addApi();
  await until(async () => (await sendOne(search(), other.url)).status === 503);
  expect(await received()).toBeGreaterThanOrEqual(eventsMax);
});

test('other routes do not care', async () => {
  await expectStatus(fetch(`${tracker.url}/readyz`), 200);
  await expectStatus(fetch(`${tracker.url}/api/statistics/keywords/top`), 200);
});

test('once a worker is there all are taken again', async () => {
  const before = await received();
  await tracker.addWorker();
  await poll(async () => ((await sendOne()).status === 202 ? true : undefined));
  const stored = async () => (await get(`${tracker.url}/admin/ledger`)).body.stored;
  await until(async () => (await stored()) === before + 1);
});
