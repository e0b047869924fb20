import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { type HealthChecks, readiness } from '@event-tracker/runtime';

/** The worker's own listener: /healthz while the process lives, /readyz while it can commit. */
export async function startHealthServer(deps: {
  port: number;
  host: string;
  checks: HealthChecks;
  /** Of each group one must be up, or the worker is unavailable. */
  needs: readonly (readonly string[])[];
}): Promise<{ address: AddressInfo; close(): Promise<void> }> {
  const server = createServer((request, response) => {
    const answer = (status: number, body: unknown) => {
      response.writeHead(status, { 'content-type': 'application/json' }).end(JSON.stringify(body));
    };
    const path = request.url?.split('?')[0];
    if (path === '/healthz') answer(200, { status: 'ok' });
    else if (path === '/readyz') {
      void readiness(deps.checks, deps.needs).then((ready) =>
        answer(ready.status === 'unavailable' ? 503 : 200, ready),
      );
    } else answer(404, { status: 'not found' });
  });
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject);
    server.listen(deps.port, deps.host, resolve);
  });
  return { address: server.address() as AddressInfo, close: () => closeServer(server) };
}

function closeServer(server: Server): Promise<void> {
  server.closeAllConnections();
  return new Promise((resolve) => server.close(() => resolve()));
}
