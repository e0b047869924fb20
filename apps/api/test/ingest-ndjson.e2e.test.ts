import { promisify } from 'node:util';
import { gzip } from 'node:zlib';
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { click, expectProblem, expectStatus, pathsOf, post } from './requests.ts';
import { startTracker, type Tracker } from './tracker.ts';

let tracker: Tracker;

beforeAll(async () => {
  tracker = await startTracker();
});

afterAll(() => tracker.stop());

const line = JSON.stringify(click());
const accepted = (index: number) => ({ index, status: 'accepted', eventId: expect.any(String) });

const send = (body: unknown, headers: Record<string, string> = {}) =>
  post(`${tracker.url}/api/events/batch`, body, { 'content-type': 'application/x-ndjson', ...headers });

test.each([
  ['a line feed between them', `${line}\n${line}`],
  ['a line feed after each', `${line}\n${line}\n`],
  ['CRLF', `${line}\r\n${line}\r\n`],
  ['blank lines around them', `\n \r\n${line}\n\n\t\n${line}\n\n`],
])('events with %s are taken', async (_, body) => {
  expect(await expectStatus(send(body), 202)).toEqual({
    accepted: 2,
    rejected: 0,
    results: [accepted(0), accepted(1)],
  });
});

test('a broken line is one rejected event, and blank lines have no number', async () => {
  expect(await expectStatus(send(`${line}\n\n{"eventType":\n[]\n${line}`), 202)).toEqual({
    accepted: 2,
    rejected: 2,
    results: [
      accepted(0),
      { index: 1, status: 'rejected', errors: [{ path: '', message: expect.any(String) }] },
      { index: 2, status: 'rejected', errors: [{ path: '', message: expect.any(String) }] },
      accepted(3),
    ],
  });
});

test('a line holds one event, not a batch', async () => {
  const problem = await expectProblem(send(JSON.stringify({ events: [click()] })), 400);
  expect(pathsOf(problem)).toContain('events[0].events');
});

test('a repeated id is a duplicate', async () => {
  const eventId = '0198c0de-0000-7000-8000-00000000000a';
  const lines = [click({ eventId }), click({ eventId: eventId.toUpperCase() })].map((event) =>
    JSON.stringify(event),
  );
  const { results } = await expectStatus<{ results: { status: string }[] }>(send(lines.join('\n')), 202);
  expect(results.map((result) => result.status)).toEqual(['accepted', 'duplicate']);
});

test('broken lines alone are a 400 that names each', async () => {
  expect(pathsOf(await expectProblem(send('{\nevents\n'), 400))).toEqual(['events[0]', 'events[1]']);
});

test('no line at all is a 400', async () => {
  for (const body of ['', '\n', ' \r\n\r\n'])
    expect(pathsOf(await expectProblem(send(body), 400))).toEqual(['events']);
});

test('1,000 lines are taken, 1,001 are not', async () => {
  const lines = `${line}\n`.repeat(1000);
  expect(await expectStatus(send(lines), 202)).toMatchObject({ accepted: 1000, rejected: 0 });
  expect(pathsOf(await expectProblem(send(`${lines}${line}`), 400))).toEqual(['events']);
});

test('lines may be compressed', async () => {
  const body = await promisify(gzip)(`${line}\n`.repeat(3));
  expect(await expectStatus(send(body, { 'content-encoding': 'gzip' }), 202)).toMatchObject({ accepted: 3 });
});

test('characters that only some call line ends stay within their line', async () => {
  const event = JSON.stringify(click({ sessionId: 'a\u2028b\u0085c' }));
  expect(await expectStatus(send(event), 202)).toMatchObject({ accepted: 1, rejected: 0 });
});

test('a line may say when it was sent', async () => {
  const clock = Date.now() - 90 * 86_400_000;
  const [occurredAt, sentAt] = [clock - 5000, clock].map((at) => new Date(at).toISOString());
  const lines = [click({ occurredAt, sentAt }), click({ occurredAt })].map((event) => JSON.stringify(event));
  const { results } = await expectStatus<{ results: object[] }>(send(lines.join('\n')), 202);
  expect(results).toMatchObject([{ status: 'accepted' }, { status: 'rejected' }]);
});

test('blank space within a line is not lost, nor taken for JSON where it is none', async () => {
  const body = ` \t${line}\n\u00a0${line}\n${' '.repeat(100_000)}\n${' '.repeat(1000)}${line}`;
  const { results } = await expectStatus<{ results: object[] }>(send(body), 202);
  expect(results).toMatchObject([{ status: 'accepted' }, { status: 'rejected' }, { status: 'accepted' }]);
});
