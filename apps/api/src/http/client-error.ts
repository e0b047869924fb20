import type { Socket } from 'node:net';

/** Node refused the request before there was one to answer: its parser's code, and what to say. */
const refusals: Record<string, { status: string; detail: string }> = {
  HPE_INVALID_URL: {
    status: '400 Bad Request',
    detail: 'the URL holds a character that must be percent-encoded',
  },
  HPE_HEADER_OVERFLOW: { status: '431 Request Header Fields Too Large', detail: 'the headers are too large' },
  ERR_HTTP_REQUEST_TIMEOUT: { status: '408 Request Timeout', detail: 'the request took too long to arrive' },
  NO_TUNNEL: { status: '405 Method Not Allowed', detail: 'this is no proxy' },
  ERR_HTTP_CONTENT_LENGTH_MISMATCH: {
    status: '400 Bad Request',
    detail: 'the body is not as long as it was said to be',
  },
};
const otherwise = { status: '400 Bad Request', detail: 'this is not a valid HTTP request' };

const lingerMs = 1000;

/** Answers what is no request for Node's parser, with a problem like any other, and ends the connection. */
export function answerClientError(cause: NodeJS.ErrnoException, socket: Socket): void {
  if (cause.code === 'ECONNRESET' || !socket.writable) {
    socket.destroy();
    return;
  }
  const { status, detail } = refusals[cause.code ?? ''] ?? otherwise;
  const [code = '', ...title] = status.split(' ');
  const requestId = crypto.randomUUID();
  const body = JSON.stringify({
    type: 'about:blank',
    title: title.join(' '),
    status: Number(code),
    detail,
    errors: [],
    requestId,
  });
  const head = [
    `HTTP/1.1 ${status}`,
    'content-type: application/problem+json; charset=utf-8',
    `content-length: ${Buffer.byteLength(body)}`,
    `x-request-id: ${requestId}`,
    'x-content-type-options: nosniff',
    'connection: close',
  ];
  socket.end(`${head.join('\r\n')}\r\n\r\n${body}`);
  // Who does not hang up on their side is cut off; at once they might miss the answer.
  setTimeout(() => socket.destroy(), lingerMs).unref();
}
