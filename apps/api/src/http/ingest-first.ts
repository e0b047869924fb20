import type { IncomingMessage, RequestListener, ServerResponse } from 'node:http';
import { answerFailure } from './answer-failure.ts';
import type { RequestGuard } from './keys.ts';
import type { OnError } from './problem.ts';

export type IngestHandler = (request: IncomingMessage, response: ServerResponse) => Promise<void>;

/** POST handlers by path. */
export type IngestRoutes = ReadonlyMap<string, IngestHandler>;

/**
 * Answers the ingest routes on Node's own request and answer, and hands everything else to `rest`. Events come by the
 * ten thousand a second, and a framework's way to their handler costs about as much as the handler: see bench/RESULTS.md.
 */
export function ingestFirst(
  routes: IngestRoutes,
  guard: RequestGuard,
  rest: RequestListener,
  onError: OnError,
): RequestListener {
  return (request, response) => {
    const handle = request.method === 'POST' ? routes.get(pathOf(request.url!)) : undefined;
    if (handle === undefined) {
      rest(request, response);
      return;
    }
    try {
      guard(request, response);
      handle(request, response).catch((cause: unknown) => answerFailure(response, cause, onError));
    } catch (cause) {
      answerFailure(response, cause, onError);
    }
  };
}

export function pathOf(url: string): string {
  const query = url.indexOf('?');
  return query < 0 ? url : url.slice(0, query);
}
