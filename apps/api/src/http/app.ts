import type { IncomingMessage, ServerResponse } from 'node:http';
import express, { type ErrorRequestHandler, type Express, type RequestHandler } from 'express';
import helmet from 'helmet';
import { NoStoreCanAnswer } from '../reads/first-answer.ts';
import type { ReadLedger } from '../reads/ledger.ts';
import type { RecentKeywordsReader } from '../reads/recent-keywords.ts';
import type { Statistics } from '../reads/statistics.ts';
import type { IngestDeps } from './ingest.ts';
import { createIngestBatch } from './ingest-batch.ts';
import { createIngestOne } from './ingest-one.ts';
import type { RequestGuard } from './keys.ts';
import { onlyMethods } from './only-methods.ts';
import { Problem, sendProblem, unavailable } from './problem.ts';
import { queueBoardPath } from './queue-board.ts';
import { type HealthChecks, readiness } from './readiness.ts';
import { searchRoutes } from './search.ts';
import { statisticsRoutes } from './statistics.ts';

export interface AppDeps {
  ingest: IngestDeps;
  statistics: Statistics;
  recentKeywords: RecentKeywordsReader;
  readLedger: ReadLedger;
  checks: HealthChecks;
  /** The checks without which nothing can be taken. */
  essentialChecks: readonly string[];
  writeGuard: RequestGuard;
  apiGuard: RequestGuard;
  adminGuard: RequestGuard;
  queueBoard: RequestHandler;
  onError(cause: unknown): void;
}

/** Every route there is. */
export function createApp(deps: AppDeps): Express {
  const app = express();
  app.disable('x-powered-by');
  // Answers are small and change by the second: a tag would cost a hash each and never match.
  app.disable('etag');
  app.set('query parser', 'simple');

  const ingestOne = guarded(deps.writeGuard, createIngestOne(deps.ingest));
  const ingestBatch = guarded(deps.writeGuard, createIngestBatch(deps.ingest));
  app.route('/api/events').post(ingestOne).all(onlyMethods('POST'));
  app.route('/api/users/events').post(ingestOne).all(onlyMethods('POST'));
  app.route('/api/events/batch').post(ingestBatch).all(onlyMethods('POST'));

  app.use(helmet({ contentSecurityPolicy: { directives: { upgradeInsecureRequests: null } } }));

  app.use('/api', guard(deps.apiGuard));
  app.use('/api/statistics', statisticsRoutes(deps));
  app.use('/api/search', searchRoutes(deps));

  app
    .route('/healthz')
    .get((_request, response) => void response.json({ status: 'ok' }))
    .all(onlyMethods('GET'));
  app
    .route('/readyz')
    .get(async (_request, response) => {
      const ready = await readiness(deps.checks, deps.essentialChecks);
      response.status(ready.status === 'unavailable' ? 503 : 200).json(ready);
    })
    .all(onlyMethods('GET'));

  app.use('/admin', guard(deps.adminGuard));
  app.use(queueBoardPath, deps.queueBoard);
  app
    .route('/admin/ledger')
    .get(async (_request, response) => void response.json(await deps.readLedger()))
    .all(onlyMethods('GET'));

  app.use(() => {
    throw new Problem(404, 'there is no such route');
  });
  app.use(answerError(deps.onError));
  return app;
}

function guard(check: RequestGuard): RequestHandler {
  return (request, _response, next) => {
    check(request);
    next();
  };
}

function guarded(
  check: RequestGuard,
  handle: (request: IncomingMessage, response: ServerResponse) => Promise<void>,
) {
  return (request: IncomingMessage, response: ServerResponse): Promise<void> => {
    check(request);
    return handle(request, response);
  };
}

function answerError(onError: (cause: unknown) => void): ErrorRequestHandler {
  // Express knows an error handler by its four parameters.
  return (cause: unknown, _request, response, _next) => sendProblem(response, problemOf(cause, onError));
}

function problemOf(cause: unknown, onError: (cause: unknown) => void): Problem {
  if (cause instanceof Problem) return cause;
  if (cause instanceof NoStoreCanAnswer)
    return unavailable('the store that could answer is away; ask again later');
  // Express's own, such as a path that cannot be decoded.
  const status = (cause as { status?: unknown }).status;
  if (typeof status === 'number' && status >= 400 && status < 500)
    return new Problem(status, 'the request is not valid');
  onError(cause);
  return new Problem(500, 'something went wrong here; it is in the log');
}
