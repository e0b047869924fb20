import type { RequestListener } from 'node:http';
import type { StatisticsWindow } from '@event-tracker/domain';
import { type AdminSessions, type HealthChecks, type Metrics, readiness } from '@event-tracker/runtime';
import express, { type ErrorRequestHandler, type RequestHandler } from 'express';
import type { DeadLettersDesk } from '../reads/dead-letters.ts';
import type { ReadEntered } from '../reads/entered-books.ts';
import type { ReadLanes } from '../reads/lanes.ts';
import type { ReadLedger } from '../reads/ledger.ts';
import type { Statistics } from '../reads/statistics.ts';
import type { Broadcaster } from '../stream/broadcaster.ts';
import type { OnAdminChange } from './admin-guard.ts';
import { adminSessionRoutes } from './admin-session.ts';
import { answerFailure } from './answer-failure.ts';
import { atBasePath } from './base-path.ts';
import type { Cors } from './cors.ts';
import { countRequests } from './count-requests.ts';
import { dashboardRoutes } from './dashboard.ts';
import { deadLetterRoutes } from './dead-letters.ts';
import type { Drain } from './drain.ts';
import { withFront } from './front.ts';
import type { IngestDeps } from './ingest.ts';
import { createIngestBatch } from './ingest-batch.ts';
import { type IngestRoutes, ingestFirst } from './ingest-first.ts';
import { createIngestOne } from './ingest-one.ts';
import type { RequestGuard } from './keys.ts';
import { queueBoardPath } from './lanes-board.ts';
import { type LikeRoutesDeps, likeRoutes } from './likes.ts';
import { onlyMethods } from './only-methods.ts';
import { pageProtection } from './page-protection.ts';
import { type PostRoutesDeps, popularReads, postRoutes } from './posts.ts';
import { type OnError, Problem } from './problem.ts';
import { answerRead, parseParameters, type Reads, readsFirst } from './reads-first.ts';
import { referenceRoutes } from './reference/routes.ts';
import { type SearchRoutesDeps, searchReads, searchRoutes } from './search.ts';
import { statisticsReads } from './statistics.ts';
import { streamRoutes } from './stream.ts';
import { trackerScriptRoutes } from './tracker-script.ts';

export interface AppDeps extends LikeRoutesDeps, PostRoutesDeps, SearchRoutesDeps {
  ingest: IngestDeps;
  statistics: Statistics;
  stream: Broadcaster<StatisticsWindow>;
  readLedger: ReadLedger;
  readEntered: ReadEntered;
  readLanes: ReadLanes;
  deadLetters: DeadLettersDesk;
  checks: HealthChecks;
  /** Of each group one must be up, or the API is unavailable. */
  needs: readonly (readonly string[])[];
  writeGuard: RequestGuard;
  apiGuard: RequestGuard;
  adminGuard: RequestGuard;
  sessionGuard: RequestGuard;
  metricsGuard: RequestGuard;
  sessions: AdminSessions;
  sessionHours: number;
  onAdminChange: OnAdminChange;
  metrics: Metrics;
  queueBoard: RequestHandler;
  /** Where the dashboard's build is. */
  dashboardFolder: string;
  /** Where the build of the script for other sites is. */
  trackerFolder: string;
  drain: Drain;
  cors: Cors;
  /** The public prefix without a slash at its end: '' or such as '/et'. */
  basePath: string;
  urlBytesMax: number;
  onError: OnError;
}

/** Every route there is. */
export function createApp(deps: AppDeps): RequestListener {
  const app = express();
  app.disable('x-powered-by');
  // Answers are small and change by the second: a tag would cost a hash each and never match.
  app.disable('etag');
  app.set('query parser', parseParameters);

  const ingest = ingestRoutes(deps.ingest);
  // For other spellings of their paths, such as one with a slash at the end; the usual ones never get here.
  for (const [path, handle] of ingest) {
    app.route(path).post(guard(deps.writeGuard), handle).all(onlyMethods('POST'));
  }

  app.use(pageProtection);

  app.use('/api', guard(deps.apiGuard));
  const reads: Reads = new Map([...statisticsReads(deps), ...searchReads(deps), ...popularReads(deps)]);
  // For HEAD and other spellings of their paths; the usual ones never get here.
  for (const [path, read] of reads) {
    app
      .route(path)
      .get((request, response) => answerRead(read, request, response))
      .all(onlyMethods('GET'));
  }
  app.use('/api/search', searchRoutes(deps));
  app.use('/api/posts', likeRoutes(deps), postRoutes(deps));
  app.use('/api/stream', streamRoutes(deps));

  app
    .route('/healthz')
    .get((_request, response) => void response.json({ status: 'ok' }))
    .all(onlyMethods('GET'));
  app
    .route('/readyz')
    .get(async (_request, response) => {
      if (deps.drain.isDraining()) {
        response.status(503).json({ status: 'unavailable', dependencies: {}, reasons: ['shutting down'] });
        return;
      }
      const ready = await readiness(deps.checks, deps.needs);
      response.status(ready.status === 'unavailable' ? 503 : 200).json(ready);
    })
    .all(onlyMethods('GET'));

  app.use(dashboardRoutes({ folder: deps.dashboardFolder }));
  app
    .route('/metrics')
    .get(guard(deps.metricsGuard), async (_request, response) => {
      response.set('content-type', deps.metrics.contentType).end(await deps.metrics.text());
    })
    .all(onlyMethods('GET'));

  app.use(trackerScriptRoutes({ folder: deps.trackerFolder }));

  const session = {
    sessions: deps.sessions,
    sessionGuard: guard(deps.sessionGuard),
    adminGuard: guard(deps.adminGuard),
    hours: deps.sessionHours,
    path: deps.basePath || '/',
    onChange: deps.onAdminChange,
  };
  app.use('/admin/session', adminSessionRoutes(session));
  app.use('/admin', guard(deps.adminGuard), forOneReader);
  app.use(queueBoardPath, deps.queueBoard);
  app.use('/admin/dead-letters', deadLetterRoutes(deps));
  app
    .route('/admin/ledger')
    .get(async (_request, response) => void response.json(await deps.readLedger()))
    .all(onlyMethods('GET'));
  app
    .route('/admin/ledger/entered')
    .get(async (_request, response) => void response.json(await deps.readEntered()))
    .all(onlyMethods('GET'));
  app
    .route('/admin/lanes')
    .get(async (_request, response) => void response.json(await deps.readLanes()))
    .all(onlyMethods('GET'));

  app.use(referenceRoutes(deps));

  app.use(() => {
    throw new Problem(404, 'there is no such route');
  });
  app.use(answerError(deps.onError));
  const rest = readsFirst(reads, deps.apiGuard, app, deps.onError);
  const listener = ingestFirst(ingest, deps.writeGuard, rest, deps.onError);
  const front = withFront({ ...deps, ingest, isDraining: deps.drain.isDraining }, listener);
  const counted = countRequests(front, {
    metrics: deps.metrics,
    exactPaths: new Set([...ingest.keys(), ...reads.keys()]),
  });
  return atBasePath(deps.basePath, counted);
}

function ingestRoutes(deps: IngestDeps): IngestRoutes {
  const one = createIngestOne(deps);
  return new Map([
    ['/api/events', one],
    ['/api/users/events', one],
    ['/api/events/batch', createIngestBatch(deps)],
  ]);
}

/** A proxy that caches would hand what a signed-in admin was answered to the next stranger: a cookie does not keep it from that. */
const forOneReader: RequestHandler = (request, response, next) => {
  if (!request.path.startsWith('/queues/static/')) response.set('cache-control', 'no-store');
  next();
};

function guard(check: RequestGuard): RequestHandler {
  return (request, response, next) => {
    check(request, response);
    next();
  };
}

function answerError(onError: OnError): ErrorRequestHandler {
  // Express knows an error handler by its four parameters.
  return (cause: unknown, _request, response, _next) => answerFailure(response, cause, onError);
}
