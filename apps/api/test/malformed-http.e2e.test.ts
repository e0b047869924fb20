import { connect } from 'node:net';
import { text } from 'node:stream/consumers';
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { startTracker, type Tracker } from './tracker.ts';

let tracker: Tracker;

beforeAll(async () => {
  tracker = await startTracker();
});

afterAll(() => tracker.stop());

/** What the server says to these bytes until it hangs up. */
async function answerTo(bytes: string): Promise<{ head: string; problem: unknown }> {
  const socket = connect(Number(new URL(tracker.url).port), '127.0.0.1');
  socket.write(bytes);
  const [head = '', body = ''] = (await text(socket)).split('\r\n\r\n');
  return { head, problem: JSON.parse(body) };
}

test.each([
  { name: 'what is no HTTP', bytes: 'hello\r\n\r\n', status: 400 },
  {
    name: 'a URL with letters that are not encoded',
    bytes: 'GET /api/statistics?keyword=\u00e9 HTTP/1.1\r\nhost: a\r\n\r\n',
    status: 400,
    detail: 'the URL holds a character that must be percent-encoded',
  },
  {
    name: 'two lengths of one body',
    bytes: 'POST /api/events HTTP/1.1\r\nhost: a\r\ncontent-length: 1\r\ncontent-length: 2\r\n\r\n{}',
    status: 400,
  },
  {
    name: 'headers of 20 KiB',
    bytes: `GET /healthz HTTP/1.1\r\nhost: a\r\nx-long: ${'x'.repeat(20 << 10)}\r\n\r\n`,
    status: 431,
  },
])('$name is answered with a problem, too', async ({ bytes, status, detail }) => {
  const { head, problem } = await answerTo(bytes);
  expect(head).toMatch(new RegExp(`^HTTP/1.1 ${status} `));
  expect(head).toContain('application/problem+json');
  expect(problem).toEqual({
    type: 'about:blank',
    title: expect.any(String),
    status,
    detail: detail ?? expect.any(String),
    errors: [],
    requestId: expect.any(String),
  });
});
