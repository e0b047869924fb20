import { connectRedis } from '@event-tracker/storage';
import { until } from '@event-tracker/testing';
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { click, expectStatus, post } from './requests.ts';
import { startTracker, type Tracker } from './tracker.ts';

let tracker: Tracker;
let workerUrl: string;

beforeAll(async () => {
  tracker = await startTracker();
  workerUrl = (await tracker.addWorker()).url;
});

afterAll(() => tracker.stop());

/** The samples of a process, by their names and labels without the prefix. */
async function scrape(url: string): Promise<Map<string, number>> {
  const text = await (await fetch(`${url}/metrics`)).text();
  const lines = text.matchAll(/^event_tracker_(\S+) (\S+)$/gm);
  return new Map([...lines].map(([, series, value]) => [series!, Number(value)]));
}

const eventsOf = (type: string, outcome: string, lane: string) =>
  `events_total{type="${type}",outcome="${outcome}",lane="${lane}"}`;

test('every event is counted by what became of it, at the API and at the worker', async () => {
  const eventId = '0198c0de-0000-7000-8000-000000000001';
  await expectStatus(post(`${tracker.url}/api/events`, click()), 202);
  await expectStatus(
    post(`${tracker.url}/api/events/batch`, [
      click({ eventId }),
      click({ eventId }),
      click({ eventType: 'PAGE_VIEW' }),
      { eventType: 'CLICK' },
    ]),
    202,
  );
  await expectStatus(post(`${tracker.url}/api/events`, {}), 400);

  const api = await scrape(tracker.url);
  expect(api.get(eventsOf('CLICK', 'accepted', 'fast'))).toBe(3);
  expect(api.get(eventsOf('PAGE_VIEW', 'accepted', 'fast'))).toBe(1);
  expect(api.get(eventsOf('CLICK', 'repeated', 'none'))).toBe(1);
  expect(api.get(eventsOf('unknown', 'rejected', 'none'))).toBe(2);
  expect(api.get('flush_events_sum')).toBe(4);
  expect(api.get('flush_seconds_count')).toBe(2);

  // The repeat becomes visible nowhere.
  await until(async () => (await scrape(workerUrl)).get('event_visible_seconds_count') === 3);
  const worker = await scrape(workerUrl);
  expect(worker.get(eventsOf('CLICK', 'stored', 'fast'))).toBe(2);
  expect(worker.get(eventsOf('CLICK', 'duplicate', 'fast'))).toBe(1);
  expect(worker.get(eventsOf('PAGE_VIEW', 'stored', 'fast'))).toBe(1);
  expect(worker.get('commit_events_sum')).toBe(4);
  expect(worker.get('merge_seconds_count')).toBeGreaterThan(0);
});

test('requests are counted by the pattern of their route, however their URL is spelt', async () => {
  await fetch(`${tracker.url}/api/search/recent/41`);
  await fetch(`${tracker.url}/API/search/recent/42`);
  await fetch(`${tracker.url}/no/such/route/43`);
  await post(`${tracker.url}/api/events?a=1`, click());
  const requests = [...(await scrape(tracker.url))].filter(([series]) =>
    series.startsWith('http_requests_total'),
  );
  expect(Object.fromEntries(requests)).toMatchObject({
    'http_requests_total{method="GET",route="/api/search/recent/:userId",status="200"}': 2,
    'http_requests_total{method="GET",route="other",status="404"}': 1,
    'http_requests_total{method="POST",route="/api/events",status="202"}': 2,
  });
  expect(requests.map(([series]) => series).join()).not.toMatch(/4[123]"|API/);
});

test('how lanes, views, books, pools and the database stand is told', async () => {
  await until(async () => (await scrape(tracker.url)).get('views_fresh{kind="keyword"}') === 1);
  const api = await scrape(tracker.url);
  expect(Object.fromEntries(api)).toMatchObject({
    taking: 1,
    'lane_waiting_events{lane="fast"}': 0,
    'lane_waiting_events{lane="durable"}': 0,
    'lane_waiting_events{lane="fold"}': 0,
    'lane_oldest_seconds{lane="fold"}': 0,
    'lane_breaker_open{lane="fast"}': 0,
    'back_pressure_level{gauge="depth"}': 0,
    redis_disk_ok: 1,
    spilled_events_total: 0,
    'pool_connections{pool="api",state="max"}': 4,
    'pool_waiting{pool="lane"}': 0,
  });
  expect(api.get('redis_memory_used_bytes')).toBeGreaterThan(0);
  await until(async () => (await scrape(workerUrl)).has('database_bytes'));
  expect(Object.fromEntries(await scrape(workerUrl))).toMatchObject({
    worker_stalled_seconds: 0,
    worker_held_events: 0,
    partitions_missing: 0,
    dead_letters: 0,
  });
});

test('what waits in the quarantine is told, and how old it is', async () => {
  const told = async (name: string) => (await scrape(tracker.url)).get(`quarantine_${name}`);
  await until(async () => (await told('waiting_events')) === 0);
  expect(await told('oldest_seconds')).toBe(0);
  const redis = connectRedis({ url: tracker.redis.url, name: 'test', mode: 'wait', onError: () => {} });
  // Of a paused queue no worker takes anything.
  const key = '{lane}:quarantine:paused';
  await redis.lpush(key, '0198c0de-0000-7000-8000-000000000002.4');
  await until(async () => (await told('waiting_events')) === 4);
  expect(await told('oldest_seconds')).toBeGreaterThan(3600);
  await redis.del(key);
  redis.disconnect();
});

test('while Redis is away the breaker is open, events go by the durable lane, and what is not known is not told', async () => {
  await tracker.redis.shutDown();
  await until(async () => (await post(`${tracker.url}/api/events`, click())).status === 202);
  await until(async () => !(await scrape(tracker.url)).has('redis_memory_used_bytes'));
  const api = await scrape(tracker.url);
  expect(api.get('lane_breaker_open{lane="fast"}')).toBe(1);
  expect(api.get('spilled_events_total')).toBeGreaterThan(0);
  expect(api.get(eventsOf('CLICK', 'accepted', 'durable'))).toBe(api.get('spilled_events_total'));
  await tracker.redis.start();
});
