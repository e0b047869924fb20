import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { fileURLToPath } from 'node:url';
import compression from 'compression';
import { type RequestHandler, Router } from 'express';
import { onlyMethods } from '../only-methods.ts';

const { resolve } = createRequire(import.meta.url);

/** What the page is made of, by name: the library's two files, and the two of ours that start it. */
const files: Record<string, string> = {
  'swagger-ui.css': resolve('swagger-ui-dist/swagger-ui.css'),
  'swagger-ui-bundle.js': resolve('swagger-ui-dist/swagger-ui-bundle.js'),
  'page.js': fileURLToPath(new URL('page/page.js', import.meta.url)),
  'page.css': fileURLToPath(new URL('page/page.css', import.meta.url)),
};
const page = fileURLToPath(new URL('page/index.html', import.meta.url));

/** The API reference, as OpenAPI and as a page. It says nothing of this site's data, and is open to everybody. */
export function referenceRoutes({ basePath }: { basePath: string }): Router {
  const router = Router();
  // Half a megabyte of them; compressed a quarter. Nobody waits for an answer behind these.
  const compress = compression() as RequestHandler;
  let document: Promise<string> | undefined;
  // Made when it is first asked for: most processes never are.
  const readDocument = () =>
    (document ??= import('./document.ts').then(({ createReference }) =>
      JSON.stringify(createReference({ basePath })),
    ));

  router
    .route('/openapi.json')
    .get(compress, async (_request, response) => {
      response
        .type('json')
        .set('cache-control', 'no-cache')
        .send(await readDocument());
    })
    .all(onlyMethods('GET'));

  router
    .route('/docs')
    .get((request, response) => {
      // Its links are relative, so that a proxy may serve it under any path.
      if (request.path.endsWith('/')) return response.redirect(308, '../docs');
      response.type('html').set('cache-control', 'no-cache').send(readFileSync(page));
    })
    .all(onlyMethods('GET'));

  router
    .route('/docs/:file')
    .get(compress, (request, response, next) => {
      const { file } = request.params;
      if (!Object.hasOwn(files, file)) return next('router');
      response.set('cache-control', 'public, max-age=3600').sendFile(files[file]!);
    })
    .all(onlyMethods('GET'));

  return router;
}
