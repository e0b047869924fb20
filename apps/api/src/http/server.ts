import { createServer, type RequestListener, type Server } from 'node:http';
import type { AddressInfo, Socket } from 'node:net';
import { hostUrl } from '@event-tracker/runtime';
import { answerClientError } from './client-error.ts';
import { Problem, sendProblem } from './problem.ts';

export interface HttpServer {
  /** Such as http://127.0.0.1:8080. */
  url: string;
  /**
   * Takes no new connection; resolves when every request under way is answered, or after `closeLimitMs`: what hangs
   * then is cut off.
   */
  close(): Promise<void>;
}

/** How much, and how long, a client may take; times in milliseconds. */
export interface ConnectionLimits {
  connectionsMax: number;
  headerBytesMax: number;
  /** From a connection's, or a request's, first byte to the end of its headers, and of its body. */
  headersTimeoutMs: number;
  requestTimeoutMs: number;
  /** An idle connection is closed then. */
  keepAliveTimeoutMs: number;
}

/** Clients keep connections open for longer than any reader thinks; idle ones are closed while the server ends. */
const closeIdleEveryMs = 50;
/** A client that has not sent its body by then does not hold up the end of the process (20 s). */
const closeLimitMs = 8000;
/** How late a time-out may be noticed. */
const lookEveryMs = 1000;

export async function startHttpServer(
  listener: RequestListener,
  port: number,
  host: string,
  limits: ConnectionLimits,
): Promise<HttpServer> {
  const options = {
    keepAliveTimeout: limits.keepAliveTimeoutMs,
    headersTimeout: limits.headersTimeoutMs,
    requestTimeout: limits.requestTimeoutMs,
    connectionsCheckingInterval: Math.min(lookEveryMs, limits.headersTimeoutMs),
    maxHeaderSize: limits.headerBytesMax,
    // Refused by the front, with a problem like any other.
    requireHostHeader: false,
  };
  const server = createServer(options, listener);
  server.maxConnections = limits.connectionsMax;
  // Node drops the 2,001st silently: it could be the one that says a request was forwarded.
  server.maxHeadersCount = 0;
  const sockets = new Set<Socket>();
  server.on('connection', (socket) => {
    sockets.add(socket);
    socket.once('close', () => sockets.delete(socket));
  });
  server.on('clientError', (cause, socket) => answerClientError(cause, socket as Socket));
  server.on('checkExpectation', (_request, response) =>
    sendProblem(response, new Problem(417, 'the expectation can only be 100-continue')),
  );
  // Left alone, Node hangs up without a word.
  server.on('connect', (_request, socket) =>
    answerClientError(Object.assign(new Error(), { code: 'NO_TUNNEL' }), socket as Socket),
  );
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject);
    server.listen(port, host, resolve);
  });
  const address = server.address() as AddressInfo;
  return { url: hostUrl(address.address, address.port), close: () => closeGracefully(server, sockets) };
}

async function closeGracefully(server: Server, sockets: ReadonlySet<Socket>): Promise<void> {
  const closed = new Promise<void>((resolve) => server.close(() => resolve()));
  const late = setTimeout(() => server.closeAllConnections(), closeLimitMs);
  const closeIdle = () => {
    server.closeIdleConnections();
    // Browsers open connections ahead of their requests; to Node one that was never used is not idle.
    for (const socket of sockets) if (socket.bytesRead === 0) socket.destroy();
  };
  closeIdle();
  const timer = setInterval(closeIdle, closeIdleEveryMs);
  await closed;
  clearInterval(timer);
  clearTimeout(late);
}
