import type { IncomingMessage, RequestListener, ServerResponse } from 'node:http';
import { answerFailure } from './answer-failure.ts';
import type { Cors } from './cors.ts';
import { type IngestRoutes, pathOf } from './ingest-first.ts';
import { type OnError, Problem } from './problem.ts';
import { echoRequestId } from './request-id.ts';

export interface FrontDeps {
  /** Once it is true every answer ends its connection: the client's next request finds another replica. */
  isDraining(): boolean;
  /** Paths that pages of other sites may post to. */
  ingest: IngestRoutes;
  cors: Cors;
  urlBytesMax: number;
  onError: OnError;
}

/** What holds for every request, before it is known which route it is for. On the way of every event: it costs little. */
export function withFront(deps: FrontDeps, next: RequestListener): RequestListener {
  return (request, response) => {
    if (deps.isDraining()) response.shouldKeepAlive = false;
    try {
      if (look(deps, request, response)) next(request, response);
    } catch (cause) {
      answerFailure(response, cause, deps.onError);
    }
  };
}

/** Whether the request goes on to its route. */
function look(deps: FrontDeps, request: IncomingMessage, response: ServerResponse): boolean {
  const { headers } = request;
  if (headers['x-request-id'] !== undefined) echoRequestId(request, response);
  if (headers.host === undefined && request.httpVersionMinor > 0)
    throw new Problem(400, 'the Host header is required');
  if (request.url!.length > deps.urlBytesMax)
    throw new Problem(414, `the URL must be at most ${deps.urlBytesMax} bytes`);
  if (headers.origin === undefined || !deps.ingest.has(pathOf(request.url!))) return true;
  if (deps.cors.preflight(request, response)) return false;
  deps.cors.allow(headers.origin, response);
  return true;
}
