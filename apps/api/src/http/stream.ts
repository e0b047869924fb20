import type { StatisticsWindow } from '@event-tracker/domain';
import { type Request, type Response, Router } from 'express';
import type { Broadcaster } from '../stream/broadcaster.ts';
import { onlyMethods } from './only-methods.ts';
import { unavailable } from './problem.ts';
import { parseQuery } from './query.ts';
import { streamQuery } from './stream-schemas.ts';

export function streamRoutes({ stream }: { stream: Broadcaster<StatisticsWindow> }): Router {
  const router = Router();
  router
    .route('/')
    .get((request: Request, response: Response) => {
      const { window } = parseQuery(streamQuery, request);
      const headers = {
        'content-type': 'text/event-stream; charset=utf-8',
        'cache-control': 'no-store',
        // nginx would keep frames back until there are more of them.
        'x-accel-buffering': 'no',
      };
      if (request.method === 'HEAD') {
        response.set(headers).end();
        return;
      }
      response.set(headers);
      if (!stream.add(window, response)) {
        response.removeHeader('cache-control');
        throw unavailable('as many streams are open as may be; ask again later');
      }
    })
    .all(onlyMethods('GET'));
  return router;
}
