import { randomUUID } from 'node:crypto';
import {
  createServer,
  type IncomingMessage,
  type OutgoingHttpHeaders,
  type Server,
  type ServerResponse,
  STATUS_CODES,
} from 'node:http';
import type { AddressInfo } from 'node:net';
import {
  adminChallenges,
  adminRefusals,
  type CheckAdmin,
  type HealthChecks,
  hostUrl,
  type Metrics,
  readiness,
} from '@event-tracker/runtime';

interface Deps {
  port: number;
  host: string;
  checks: HealthChecks;
  /** Of each group one must be up, or the worker is unavailable. */
  needs: readonly (readonly string[])[];
  metrics: Pick<Metrics, 'contentType' | 'text'>;
  /** Undefined: everybody may read the metrics. */
  checkAdmin: CheckAdmin | undefined;
  onError(cause: unknown): void;
}

type Route = (request: IncomingMessage, response: ServerResponse) => Promise<void> | void;

/** The worker's own listener: /healthz while the process lives, /readyz while it can commit, /metrics. */
export async function startHealthServer(deps: Deps): Promise<{ url: string; close(): Promise<void> }> {
  const routes = new Map<string, Route>([
    ['/healthz', (_request, response) => answer(response, 200, { status: 'ok' })],
    [
      '/readyz',
      async (_request, response) => {
        const ready = await readiness(deps.checks, deps.needs);
        answer(response, ready.status === 'unavailable' ? 503 : 200, ready);
      },
    ],
    ['/metrics', (request, response) => answerMetrics(deps, request, response)],
  ]);

  async function route(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const handle = routes.get(request.url?.split('?')[0] ?? '');
    if (!handle) return refuse(response, 404, 'there is no such route');
    if (request.method !== 'GET' && request.method !== 'HEAD')
      return refuse(response, 405, 'only GET and HEAD can be used here', { allow: 'GET, HEAD' });
    await handle(request, response);
  }
  const server = createServer((request, response) => {
    route(request, response).catch((cause: unknown) => {
      deps.onError(cause);
      refuse(response, 500, 'something went wrong here; it is in the log');
    });
  });
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject);
    server.listen(deps.port, deps.host, resolve);
  });
  const { address, port: bound } = server.address() as AddressInfo;
  return { url: hostUrl(address, bound), close: () => closeServer(server) };
}

async function answerMetrics(
  { metrics, checkAdmin }: Deps,
  request: IncomingMessage,
  response: ServerResponse,
): Promise<void> {
  const { status } = checkAdmin?.(request) ?? { status: 'granted' };
  if (status === 'granted')
    response.writeHead(200, { 'content-type': metrics.contentType }).end(await metrics.text());
  else if (status === 'token-required')
    refuse(response, 401, adminRefusals[status], { 'www-authenticate': adminChallenges(request) });
  else refuse(response, 403, adminRefusals[status]);
}

function answer(response: ServerResponse, status: number, body: unknown): void {
  response.writeHead(status, { 'content-type': 'application/json' }).end(JSON.stringify(body));
}

function refuse(
  response: ServerResponse,
  status: number,
  detail: string,
  headers: OutgoingHttpHeaders = {},
): void {
  const title = STATUS_CODES[status];
  const problem = { type: 'about:blank', title, status, detail, errors: [], requestId: randomUUID() };
  response.writeHead(status, { ...headers, 'content-type': 'application/problem+json; charset=utf-8' });
  response.end(JSON.stringify(problem));
}

function closeServer(server: Server): Promise<void> {
  server.closeAllConnections();
  return new Promise((resolve) => server.close(() => resolve()));
}
