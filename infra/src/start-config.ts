import {
  basePath,
  hostVariable,
  parseConfig,
  redisVariables,
  secretList,
  storeUrl,
  wholeNumber,
} from '@event-tracker/runtime';
import { z } from 'zod';

/** What `npm start` itself reads; the rest of the environment is for the API and the worker. */
const schema = z.object({
  PORT: wholeNumber(0, 65_535).default(8080),
  HOST: hostVariable,
  WORKER_PORT: wholeNumber(0, 65_535).default(8081),
  DATABASE_URL: storeUrl(['postgres', 'postgresql']).optional(),
  ...redisVariables,
  ADMIN_TOKENS: secretList,
  BASE_PATH: basePath,
});

export type StartConfig = z.output<typeof schema>;

/** Throws a ConfigError that names each wrong variable. */
export const loadStartConfig = (env: NodeJS.ProcessEnv): StartConfig => parseConfig(schema, env);
