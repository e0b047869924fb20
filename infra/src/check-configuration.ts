import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { loadAll } from '@event-tracker/runtime';
import { apps } from './apps.ts';
import { loadStartConfig, type StartConfig } from './start-config.ts';

type Environment = NodeJS.ProcessEnv;

/**
 * Checks the whole environment before anything is started: as `npm start` reads it, and as the API and the worker will.
 * Throws one ConfigError that names each wrong variable once.
 */
export async function checkConfiguration(root: string, env: Environment): Promise<StartConfig> {
  // Stand in for the stores that are not started yet.
  const appEnv = {
    ...env,
    DATABASE_URL: env.DATABASE_URL || 'postgres://localhost',
    REDIS_URL: env.REDIS_URL || 'redis://localhost',
  };
  const loads = await Promise.all(
    Object.values(apps).map(({ config }) => readLoadConfig(join(root, config))),
  );
  const [config] = loadAll(() => loadStartConfig(env), ...loads.map((load) => () => load(appEnv)));
  return config;
}

/** By its path, as the app's program is run by its path: of the apps nothing is known here but where they are. */
async function readLoadConfig(file: string): Promise<(env: Environment) => unknown> {
  const { loadConfig } = await import(pathToFileURL(file).href);
  return loadConfig;
}
