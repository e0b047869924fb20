import { z } from 'zod';

/** The header that names the source of the numbers. */
export function servedBy(...sources: [string, ...string[]]) {
  return z.object({
    'X-Served-By': z.enum(sources).meta({ description: 'Where the answer comes from.' }),
  });
}
