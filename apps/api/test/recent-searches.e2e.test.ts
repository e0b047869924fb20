import { until } from '@event-tracker/testing';
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { click, expectStatus, get, post, soon } from './requests.ts';
import { startTracker, type Tracker } from './tracker.ts';

let tracker: Tracker;

beforeAll(async () => {
  tracker = await startTracker({ worker: true });
});

afterAll(() => tracker.stop());

/** `ago`: seconds before now. */
function search(userId: number | undefined, keyword: string, ago: number) {
  const occurredAt = new Date(Date.now() - ago * 1000).toISOString();
  const metadata = { componentId: 1001, keyword };
  return {
    eventType: 'SEARCH',
    sessionId: 's',
    occurredAt,
    metadata,
    ...(userId === undefined ? {} : { userId }),
  };
}

async function track(events: object[]): Promise<void> {
  await expectStatus(post(`${tracker.url}/api/events/batch`, events), 202);
  await until(async () => {
    const { body } = await get<{ inFlight: number }>(`${tracker.url}/admin/ledger`);
    return body.inFlight === 0;
  });
}

const recent = (userId: number) => get<{ keyword: string[] }>(`${tracker.url}/api/search/recent/${userId}`);

async function expectRecent(userId: number, keyword: string[]): Promise<void> {
  await soon(async () => expect(await recent(userId)).toEqual({ body: { keyword }, servedBy: 'redis' }));
}

test('the latest search comes first, whatever the order of arrival', async () => {
  await track([search(1, 'second', 20), search(1, 'fourth', 40), search(1, 'first', 10)]);
  await track([search(1, 'third', 30)]);
  await expectRecent(1, ['first', 'second', 'third', 'fourth']);
});

test('a repeated keyword stands once, where it was searched last', async () => {
  await track([search(2, 'cat', 50), search(2, 'dog', 40), search(2, '  CAT ', 30), search(2, 'bird', 20)]);
  await expectRecent(2, ['bird', 'cat', 'dog']);
  await track([search(2, 'bird', 60), search(2, 'Dog', 10)]);
  await expectRecent(2, ['dog', 'bird', 'cat']);
});

test('ten are remembered, the latest ones', async () => {
  const keywords = Array.from({ length: 14 }, (_, index) => `keyword ${index}`);
  await track(keywords.map((keyword, index) => search(3, keyword, 10 + index)));
  await expectRecent(3, keywords.slice(0, 10));
});

test('a search of more than an hour ago is forgotten', async () => {
  await track([search(4, 'forgotten', 3610), search(4, 'just not', 3540)]);
  await expectRecent(4, ['just not']);
});

test('one of more than an hour ago is not remembered for a later one', async () => {
  await track([search(5, 'forgotten', 3610)]);
  await expectRecent(5, []);
});

test('each user has their own, and nobody has those without a user', async () => {
  await track([search(undefined, 'by nobody', 1), search(6, 'by six', 1), search(7, 'by seven', 1)]);
  await expectRecent(6, ['by six']);
  await expectRecent(7, ['by seven']);
});

test('a keyword that was clicked is no search', async () => {
  await track([click({ userId: 8, metadata: { keyword: 'clicked' } }), search(8, 'searched', 1)]);
  await expectRecent(8, ['searched']);
});

test('PostgreSQL has the same while Redis is away', async () => {
  const users = [1, 2, 3, 4, 5, 6, 7, 8];
  const before = await Promise.all(users.map(recent));
  await tracker.redis.kill();
  const during = await Promise.all(users.map(recent));
  expect(during).toEqual(before.map(({ body }) => ({ body, servedBy: 'postgres' })));

  await tracker.redis.start();
  await until(async () => (await post(`${tracker.url}/api/events`, search(1, 'newest', 0))).status === 202);
  await until(async () => (await recent(1)).body.keyword[0] === 'newest');
});
