/** `npm run migrate`: brings the schema of DATABASE_URL, or of the `npm start` that runs in this checkout, up to date. */
import { ConfigError, commonConfig, parseConfig, withRunningStores } from '@event-tracker/runtime';
import { z } from 'zod';
import { updateSchema } from './schema.ts';
import { UserError } from './user-error.ts';

const schema = z.object({ DATABASE_URL: commonConfig.DATABASE_URL });

try {
  const { DATABASE_URL } = parseConfig(schema, withRunningStores(process.env));
  const applied = await updateSchema(DATABASE_URL, new AbortController().signal);
  const { host, pathname } = new URL(DATABASE_URL);
  for (const name of applied) console.log(`Applied ${name}`);
  console.log(
    `The schema of ${host}${pathname} is up to date${applied.length === 0 ? ': there was nothing to do' : ''}.`,
  );
} catch (cause) {
  console.error(cause instanceof UserError || cause instanceof ConfigError ? cause.message : cause);
  process.exitCode = 1;
}
