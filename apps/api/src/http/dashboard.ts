import { type Response, Router } from 'express';
import { onlyMethods } from './only-methods.ts';
import { Problem } from './problem.ts';
import { readStaticFiles, sendStaticFile } from './static-files.ts';

/** Nothing but the page's own files and the API: no inline script or style, nobody's frame. */
const policy = [
  "default-src 'none'",
  "script-src 'self'",
  "style-src 'self'",
  "img-src 'self'",
  "connect-src 'self'",
  "base-uri 'none'",
  "form-action 'none'",
  "frame-ancestors 'none'",
].join('; ');

/** The page at `/` and its assets, from the folder that its build fills. It holds no data, and is open to everybody. */
export function dashboardRoutes({ folder }: { folder: string }): Router {
  const router = Router();
  let files = readStaticFiles(folder);

  router
    .route('/')
    .get((request, response) => {
      if (files.size === 0) files = readStaticFiles(folder);
      const page = files.get('index.html');
      if (!page)
        throw new Problem(503, 'the dashboard is not built: run `npm run build`, then load this again');
      protect(response);
      sendStaticFile(request, response, page, 'revalidated');
    })
    .all(onlyMethods('GET'));

  router
    .route('/assets/:name')
    .get((request, response, next) => {
      const file = files.get(`assets/${request.params.name}`);
      if (!file) return next('router');
      protect(response);
      sendStaticFile(request, response, file, 'immutable');
    })
    .all(onlyMethods('GET'));

  return router;
}

function protect(response: Response): void {
  response.set('content-security-policy', policy);
}
