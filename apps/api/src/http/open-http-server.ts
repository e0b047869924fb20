import type { RequestListener } from 'node:http';
import type { Running } from '@event-tracker/runtime';
import type { ApiConfig } from '../config.ts';
import type { Drain } from './drain.ts';
import { type HttpServer, startHttpServer } from './server.ts';

/** Listens; at the end of the process drains, ends the streams, and answers what is under way. */
export async function openHttpServer(
  deps: Running<ApiConfig> & {
    app: RequestListener;
    drain: Drain;
    stream: { close(): Promise<void> };
  },
): Promise<HttpServer> {
  const { config, closers, app, drain, stream } = deps;
  const server = await startHttpServer(app, config.PORT, config.HOST, {
    connectionsMax: config.CONNECTIONS_MAX,
    headerBytesMax: config.HEADER_BYTES_MAX,
    headersTimeoutMs: config.HEADERS_TIMEOUT_MS,
    requestTimeoutMs: config.REQUEST_TIMEOUT_MS,
    keepAliveTimeoutMs: config.KEEP_ALIVE_TIMEOUT_MS,
  });
  closers.add('HTTP server', () => server.close());
  // Before the server: it waits for every answer that is under way, and these have no end.
  closers.add('streams', () => stream.close());
  drain.signal.addEventListener('abort', () => void stream.close());
  closers.add('drain', () => drain.begin());
  return server;
}
