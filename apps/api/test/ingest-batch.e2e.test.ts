import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { click, expectProblem, expectStatus, pathsOf, post } from './requests.ts';
import { startTracker, type Tracker } from './tracker.ts';

interface BatchAnswer {
  accepted: number;
  rejected: number;
  results: { index: number; status: string; eventId?: string; errors?: { path: string }[] }[];
}

const uuid = '0198c0de-0000-7000-8000-0000000000ef';
const uuidV7 = /^[0-9a-f]{8}-[0-9a-f]{4}-7[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/;

let tracker: Tracker;

beforeAll(async () => {
  tracker = await startTracker();
});

afterAll(() => tracker.stop());

const send = (body: unknown, type = 'application/json') =>
  post(`${tracker.url}/api/events/batch`, body, { 'content-type': type });

describe.each(['application/json', 'text/plain;charset=UTF-8'])('as %s', (type) => {
  test.each([
    ['an object', { events: [click(), click()] }],
    ['a bare array', [click(), click()]],
  ])('%s of events is taken', async (_, body) => {
    const { accepted, rejected, results } = await expectStatus<BatchAnswer>(send(body, type), 202);
    expect({ accepted, rejected }).toEqual({ accepted: 2, rejected: 0 });
    expect(results).toEqual([
      { index: 0, status: 'accepted', eventId: expect.stringMatching(uuidV7) },
      { index: 1, status: 'accepted', eventId: expect.stringMatching(uuidV7) },
    ]);
  });
});

test('each event has a result of its own, in order', async () => {
  const other = uuid.replace('0198', '0199');
  const events = [
    click({ eventId: uuid }),
    click({ eventId: uuid.toUpperCase() }),
    { eventType: 'SEARCH', sessionId: 's', metadata: { componentId: 1001 } },
    click({ eventId: other }),
    'no event',
    click({ eventId: uuid, sessionId: 'with other content' }),
  ];
  expect(await expectStatus(send({ events }), 202)).toEqual({
    accepted: 4,
    rejected: 2,
    results: [
      { index: 0, status: 'accepted', eventId: uuid },
      { index: 1, status: 'duplicate', eventId: uuid },
      { index: 2, status: 'rejected', errors: [{ path: 'metadata.keyword', message: expect.any(String) }] },
      { index: 3, status: 'accepted', eventId: other },
      { index: 4, status: 'rejected', errors: [{ path: '', message: expect.any(String) }] },
      { index: 5, status: 'duplicate', eventId: uuid },
    ],
  });
});

test('an id whose first event is rejected is accepted at its next', async () => {
  const events = [click({ eventId: uuid, metadata: { componentId: 0 } }), click({ eventId: uuid })];
  const { results } = await expectStatus<BatchAnswer>(send({ events }), 202);
  expect(results.map((result) => result.status)).toEqual(['rejected', 'accepted']);
});

test('an id of an earlier request is not called a duplicate', async () => {
  for (let times = 0; times < 2; times += 1) {
    const { results } = await expectStatus<BatchAnswer>(send([click({ eventId: uuid })]), 202);
    expect(results).toEqual([{ index: 0, status: 'accepted', eventId: uuid }]);
  }
});

test('a rejected event lists all its errors', async () => {
  const events = [click(), { eventType: 'LIKE', sessionId: '', metadata: { componentId: '1' }, extra: 1 }];
  const { results } = await expectStatus<BatchAnswer>(send(events), 202);
  expect(results[1]!.errors!.map((error) => error.path).sort()).toEqual([
    'extra',
    'metadata.componentId',
    'metadata.postId',
    'sessionId',
    'userId',
  ]);
});

test('a batch without any valid event is a 400 with the paths of all errors', async () => {
  const events = [
    null,
    { eventType: 'NONE', sessionId: 's', metadata: { componentId: 1 } },
    click({ metadata: { componentId: 1, misspelt: true } }),
    { eventType: 'search', sessionId: '', metadata: { componentId: 1001, keyword: ' ' } },
  ];
  expect(pathsOf(await expectProblem(send({ events }), 400))).toEqual([
    'events[0]',
    'events[1].eventType',
    'events[2].metadata.misspelt',
    'events[3].metadata.keyword',
    'events[3].sessionId',
  ]);
  expect(pathsOf(await expectProblem(send(events.slice(3)), 400))).toEqual([
    'events[0].metadata.keyword',
    'events[0].sessionId',
  ]);
});

test('1,000 events are taken, 1,001 and none are not', async () => {
  const events = Array.from({ length: 1001 }, () => click());
  const { accepted, results } = await expectStatus<BatchAnswer>(send(events.slice(1)), 202);
  expect(accepted).toBe(1000);
  expect(results.map((result) => result.index)).toEqual(Array.from({ length: 1000 }, (_, index) => index));
  expect(new Set(results.map((result) => result.eventId)).size).toBe(1000);
  for (const body of [events, { events }, [], { events: [] }])
    expect(pathsOf(await expectProblem(send(body), 400))).toEqual(['events']);
});

test.each([
  ['null', []],
  ['1', []],
  ['"events"', []],
  ['{}', ['events']],
  ['{"events":null}', ['events']],
  ['{"events":{}}', ['events']],
  ['{"event":[]}', ['event', 'events']],
  [JSON.stringify({ events: [click()], sentAt: 1 }), ['sentAt']],
])('%s is no batch', async (body, paths) => {
  expect(pathsOf(await expectProblem(send(body), 400))).toEqual(paths);
});

test('sentAt beside the events holds for those that have none of their own', async () => {
  const clock = Date.now() - 90 * 86_400_000;
  const [occurredAt, sentAt] = [clock - 5000, clock].map((at) => new Date(at).toISOString());
  const now = new Date().toISOString();
  const events = [
    click({ occurredAt }),
    click({ occurredAt, sentAt: now }),
    click({ occurredAt: now, sentAt: now }),
  ];
  const { results } = await expectStatus<BatchAnswer>(send({ sentAt, events }), 202);
  expect(results).toMatchObject([{ status: 'accepted' }, { status: 'rejected' }, { status: 'accepted' }]);
});

test.each(['now', '2026-11-22', null, {}])('sentAt %j beside the events is refused', async (sentAt) => {
  const problem = await expectProblem(send({ sentAt, events: [click()] }), 400);
  expect(problem.errors).toEqual([
    { path: 'sentAt', message: 'must be an ISO 8601 date and time with an offset' },
  ]);
});

test('an answer lists 1,000 errors, and at least one of each event', async () => {
  const unknown = Object.fromEntries(Array.from({ length: 50 }, (_, at) => [`field${at}`, 1]));
  const events = Array.from({ length: 1000 }, () => click(unknown));
  const none = await expectProblem(send(events), 400);
  expect(none.errors).toHaveLength(1000);
  expect(none.errors[999]).toEqual({
    path: 'events[999].field0',
    message: 'is not a known field; 49 more errors are not listed',
  });
  const { results } = await expectStatus<BatchAnswer>(send([click(), ...events.slice(1)]), 202);
  expect(results.slice(1).every(({ errors }) => errors?.length === 1)).toBe(true);
  const few = await expectProblem(send(events.slice(0, 10)), 400);
  expect(few.errors).toHaveLength(500);
});

test('broken JSON is refused as a whole', async () => {
  expect((await expectProblem(send('[{]'), 400)).detail).toMatch(/JSON/);
});
