/**
 * npm runs this after an install in the checkout, so that `npm ci` alone is enough for `npm run start:api`. It never
 * fails: an install without development packages (--omit=dev) has nothing to build with, and may have what was built.
 */
import { dirname } from 'node:path';
import { fileURLToPath } from 'node:url';
import { buildPages, isBuilt } from './built-pages.mjs';

const root = dirname(dirname(dirname(fileURLToPath(import.meta.url))));

if (!isBuilt(root)) {
  const failure = await buildPages(root, new AbortController().signal).catch((cause) => cause.message);
  if (failure) console.warn(`What browsers are served is not built: ${failure}`);
}
