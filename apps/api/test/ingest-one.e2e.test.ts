import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { click, expectProblem, expectStatus, pathsOf, post } from './requests.ts';
import { startTracker, type Tracker } from './tracker.ts';

let tracker: Tracker;

beforeAll(async () => {
  tracker = await startTracker();
});

afterAll(() => tracker.stop());

const send = (body: unknown, headers?: Record<string, string>) =>
  post(`${tracker.url}/api/events`, body, headers);

describe.each(['/api/events', '/api/users/events'])('POST %s', (route) => {
  test.each([
    'application/json',
    'application/json; charset=utf-8',
    'text/plain;charset=UTF-8',
    'Text/Plain',
  ])('takes one event as %s', async (type) => {
    const response = post(`${tracker.url}${route}`, click(), { 'content-type': type });
    expect(await expectStatus(response, 202)).toEqual({ eventId: expect.any(String) });
  });

  test('answers in JSON', async () => {
    const response = await post(`${tracker.url}${route}`, click());
    expect(response.headers.get('content-type')).toMatch(/^application\/json\b/);
    await response.text();
  });

  test('does not take lines', async () => {
    await expectProblem(
      post(`${tracker.url}${route}`, click(), { 'content-type': 'application/x-ndjson' }),
      415,
    );
  });
});

test('an event without an id gets a UUIDv7 of the time of receipt', async () => {
  const before = Date.now();
  const { eventId } = await expectStatus<{ eventId: string }>(send(click()), 202);
  expect(eventId).toMatch(/^[0-9a-f]{8}-[0-9a-f]{4}-7[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/);
  const at = Number.parseInt(eventId.replaceAll('-', '').slice(0, 12), 16);
  expect(at).toBeGreaterThanOrEqual(before);
  expect(at).toBeLessThanOrEqual(Date.now());
});

test('two events without ids get two ids', async () => {
  const [one, other] = await Promise.all([
    expectStatus(send(click()), 202),
    expectStatus(send(click()), 202),
  ]);
  expect(one).not.toEqual(other);
});

test.each([
  ['0198C0DE-0000-7000-8000-00000000ABCD', 'a version 7 in upper case'],
  ['F47AC10B-58CC-4372-A567-0E02B2C3D479', 'a version 4'],
  ['ffffffff-ffff-ffff-ffff-ffffffffffff', 'the greatest'],
])('%s (%s) is kept, in lower case', async (eventId) => {
  expect(await expectStatus(send(click({ eventId })), 202)).toEqual({ eventId: eventId.toLowerCase() });
});

test('an id that is sent again is answered as the first time', async () => {
  const event = click({ eventId: '0198c0de-0000-7000-8000-000000000001' });
  expect(await expectStatus(send(event), 202)).toEqual(await expectStatus(send(event), 202));
});

test('the event of the reference is taken', async () => {
  const event = {
    eventType: 'SEARCH',
    userId: 42,
    sessionId: 's-1',
    metadata: { componentId: 1001, elementId: 'search-box', keyword: '고양이', postId: 7 },
    eventId: '0198c0de-0000-7000-8000-000000000002',
    occurredAt: new Date().toISOString(),
    properties: { referrer: '/home' },
  };
  expect(await expectStatus(send(event), 202)).toEqual({ eventId: event.eventId });
});

test('every error of an event is listed by its path', async () => {
  const problem = await expectProblem(
    send({
      eventType: 'LIKE',
      userId: 0,
      sessionId: ' ',
      eventId: 'no uuid',
      occurredAt: 'yesterday',
      properties: [],
      sesionId: 'misspelt',
      metadata: { componentId: 1.5, elementId: '', keyword: '', compnentId: 1 },
    }),
    400,
  );
  expect(pathsOf(problem)).toEqual([
    'eventId',
    'metadata.compnentId',
    'metadata.componentId',
    'metadata.elementId',
    'metadata.keyword',
    'metadata.postId',
    'occurredAt',
    'properties',
    'sesionId',
    'sessionId',
    'userId',
  ]);
});

test('an unknown type does not hide the other errors', async () => {
  const problem = await expectProblem(send({ eventType: 'SHARE', metadata: { componentId: null } }), 400);
  expect(pathsOf(problem)).toEqual(['eventType', 'metadata.componentId', 'sessionId']);
});

test('what happened more than 30 days back is refused', async () => {
  const occurredAt = new Date(Date.now() - 30 * 86_400_000 - 10_000).toISOString();
  expect(pathsOf(await expectProblem(send(click({ occurredAt })), 400))).toEqual(['occurredAt']);
});

test.each([
  ['ahead, by minutes', 5 * 60_000],
  ['ahead, by years', 900 * 86_400_000],
  ['less than 30 days back', -30 * 86_400_000 + 10_000],
])('what happened %s is taken', async (_, offset) => {
  await expectStatus(send(click({ occurredAt: new Date(Date.now() + offset).toISOString() })), 202);
});

test('a clock that is months slow loses nothing, when the sender says what it shows', async () => {
  const clock = Date.now() - 90 * 86_400_000;
  const occurredAt = new Date(clock - 5000).toISOString();
  expect(pathsOf(await expectProblem(send(click({ occurredAt })), 400))).toEqual(['occurredAt']);
  await expectStatus(send(click({ occurredAt, sentAt: new Date(clock).toISOString() })), 202);
});

test('a number that would be rounded is refused by its path', async () => {
  const body = JSON.stringify(click({ properties: { order: { id: 0 } } })).replace(
    '"id":0',
    '"id":9007199254740993',
  );
  expect(pathsOf(await expectProblem(send(body), 400))).toEqual(['properties.order.id']);
});

test('what is listed of a body does not outgrow it', async () => {
  const unknown = Object.fromEntries(Array.from({ length: 30_000 }, (_, at) => [`field${at}`, 1]));
  const many = await expectProblem(send(click(unknown)), 400);
  expect(many.errors).toHaveLength(101);
  expect(many.errors.at(-1)).toEqual({ path: '', message: 'has 29900 more fields that are not known' });
  const long = await expectProblem(send(click({ ['x'.repeat(500_000)]: 1 })), 400);
  expect(long.errors).toEqual([{ path: `${'x'.repeat(100)}…`, message: 'is not a known field' }]);
});

test.each([
  ['nothing', ''],
  ['blanks', ' \n'],
  ['half an object', '{"eventType":"CLICK"'],
  ['two objects', `${JSON.stringify(click())}${JSON.stringify(click())}`],
])('a body of %s is malformed', async (_, body) => {
  expect((await expectProblem(send(body), 400)).detail).toMatch(/JSON/);
});

test.each(['null', '[]', '"CLICK"', '1', 'true', JSON.stringify([click()])])(
  '%s is no event',
  async (body) => {
    expect((await expectProblem(send(body), 400)).errors).toHaveLength(1);
  },
);

test('an event that cannot be stored as text is refused', async () => {
  const body = JSON.stringify(click({ sessionId: 'x', properties: { note: 'X' } }));
  expect(pathsOf(await expectProblem(send(body.replace('"X"', '"\\ud800"')), 400))).toEqual(['properties']);
  expect(pathsOf(await expectProblem(send(body.replace('"x"', '"\\u0000"')), 400))).toEqual(['sessionId']);
});
