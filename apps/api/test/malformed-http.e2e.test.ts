import { once } from 'node:events';
import { connect } from 'node:net';
import { text } from 'node:stream/consumers';
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { startTracker, type Tracker } from './tracker.ts';

let tracker: Tracker;

beforeAll(async () => {
  tracker = await startTracker({ env: { HEADERS_TIMEOUT_MS: '1000', REQUEST_TIMEOUT_MS: '1500' } });
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
  {
    name: 'a request without a Host',
    bytes: 'GET /healthz HTTP/1.1\r\nconnection: close\r\n\r\n',
    status: 400,
  },
  {
    name: 'a URL of 9 KiB',
    bytes: `GET /${'x'.repeat(9 << 10)} HTTP/1.1\r\nhost: a\r\nconnection: close\r\n\r\n`,
    status: 414,
  },
  {
    name: 'an expectation that is none',
    bytes: 'GET /healthz HTTP/1.1\r\nhost: a\r\nconnection: close\r\nexpect: wonders\r\n\r\n',
    status: 417,
  },
  { name: 'a tunnel', bytes: 'CONNECT example.com:443 HTTP/1.1\r\nhost: a\r\n\r\n', status: 405 },
  {
    name: 'a length and chunks',
    bytes:
      'POST /api/events HTTP/1.1\r\nhost: a\r\ncontent-length: 4\r\ntransfer-encoding: chunked\r\n\r\n0\r\n\r\n',
    status: 400,
  },
  { name: 'headers that do not end', bytes: 'GET /healthz HTTP/1.1\r\nhost: a\r\nx', status: 408 },
  {
    name: 'a body that does not end',
    bytes:
      'POST /api/events HTTP/1.1\r\nhost: a\r\ncontent-type: application/json\r\ncontent-length: 9\r\n\r\n{',
    status: 408,
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

test('connections beyond the limit are refused, and the others go on', async () => {
  const { url } = await tracker.addApi({ CONNECTIONS_MAX: '3' });
  const connected = () => connect(Number(new URL(url).port), '127.0.0.1');
  const held = Array.from({ length: 3 }, connected);
  await Promise.all(held.map((socket) => once(socket, 'connect')));
  held[0]!.write('GET /healthz HTTP/1.1\r\nhost: a\r\n\r\n');
  await once(held[0]!, 'data');
  const refused = connected();
  refused.on('error', () => {});
  await once(refused, 'close');
  held[1]!.write('GET /healthz HTTP/1.1\r\nhost: a\r\n\r\n');
  expect(String(await once(held[1]!, 'data'))).toMatch(/^HTTP\/1.1 200 /);
  for (const socket of held) socket.destroy();
});
