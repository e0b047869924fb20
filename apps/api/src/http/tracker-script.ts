import { Router } from 'express';
import { onlyMethods } from './only-methods.ts';
import { Problem } from './problem.ts';
import { readStaticFiles, sendStaticFile } from './static-files.ts';

const names = ['tracker.js', 'tracker.mjs'];

/** The script that sites of any origin load, by a tag or as a module, from the folder that its build fills. */
export function trackerScriptRoutes({ folder }: { folder: string }): Router {
  const router = Router();
  let files = readStaticFiles(folder);

  for (const name of names) {
    router
      .route(`/${name}`)
      .get((request, response) => {
        if (files.size === 0) files = readStaticFiles(folder);
        const file = files.get(name);
        if (!file)
          throw new Problem(503, 'the script is not built: run `npm run build`, then load this again');
        response.set({ 'access-control-allow-origin': '*', 'cross-origin-resource-policy': 'cross-origin' });
        sendStaticFile(request, response, file, 'revalidated');
      })
      .all(onlyMethods('GET'));
  }

  return router;
}
