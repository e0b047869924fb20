import { createServer, type RequestListener, type Server } from 'node:http';
import type { AddressInfo, Socket } from 'node:net';
import { answerClientError } from './client-error.ts';

export interface HttpServer {
  /** Such as http://127.0.0.1:8080. */
  url: string;
  /** Takes no new connection; resolves when every request under way is answered. */
  close(): Promise<void>;
}

/** Clients keep connections open for longer than any reader thinks; idle ones are closed while the server ends. */
const closeIdleEveryMs = 50;

export async function startHttpServer(
  listener: RequestListener,
  port: number,
  host: string,
): Promise<HttpServer> {
  const server = createServer({ keepAliveTimeout: 65_000 }, listener);
  server.on('clientError', (cause, socket) => answerClientError(cause, socket as Socket));
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject);
    server.listen(port, host, resolve);
  });
  const address = server.address() as AddressInfo;
  const name = address.family === 'IPv6' ? `[${address.address}]` : address.address;
  return { url: `http://${name}:${address.port}`, close: () => closeGracefully(server) };
}

async function closeGracefully(server: Server): Promise<void> {
  const closed = new Promise<void>((resolve) => server.close(() => resolve()));
  server.closeIdleConnections();
  const timer = setInterval(() => server.closeIdleConnections(), closeIdleEveryMs);
  await closed;
  clearInterval(timer);
}
