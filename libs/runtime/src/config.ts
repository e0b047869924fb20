import { z } from 'zod';
import { readCheckoutToken } from './checkout-token.ts';
import { hostVariable } from './host.ts';
import { mistakenValue } from './mistaken-value.ts';
import { redisVariables } from './redis-urls.ts';
import { type RunningStores, readRunningStores } from './running-stores.ts';
import { storeUrl } from './store-url.ts';

type Environment = Record<string, string | undefined>;

/** Invalid configuration: the message names each wrong variable and why, one a line. */
export class ConfigError extends Error {
  override name = 'ConfigError';
  readonly problems: readonly string[];

  /** Such as 'PORT: must be a whole number'. */
  constructor(problems: readonly string[]) {
    super(`Invalid configuration:\n${problems.map((problem) => `  ${problem}`).join('\n')}`);
    this.problems = problems;
  }
}

/** Reads a schema of environment variables. An empty variable counts as absent. Throws ConfigError naming each wrong one. */
export function parseConfig<Schema extends z.ZodObject>(schema: Schema, env: Environment): z.output<Schema> {
  const given: Record<string, string> = {};
  const mistakes = new Map<string, string>();
  for (const name of Object.keys(schema.shape)) {
    const value = env[name];
    if (value === undefined || value === '') continue;
    const mistake = mistakenValue(name, value);
    if (mistake === undefined) given[name] = value;
    else mistakes.set(name, mistake);
  }
  const parsed = schema.safeParse(given);
  if (parsed.success && mistakes.size === 0) return Object.freeze(parsed.data) as z.output<Schema>;
  const others = (parsed.error?.issues ?? []).filter(({ path }) => !mistakes.has(String(path[0])));
  throw new ConfigError([
    ...[...mistakes].map(([name, mistake]) => `${name}: ${mistake}`),
    ...others.map((issue) => `${issue.path.join('.')}: ${issue.message}`),
  ]);
}

/** The answers of all. Throws one ConfigError with whatever any of them finds wrong, each problem once. */
export function loadAll<Answers extends unknown[]>(
  ...loads: { [At in keyof Answers]: () => Answers[At] }
): Answers {
  const problems = new Set<string>();
  const answers = loads.map((load) => {
    try {
      return load();
    } catch (cause) {
      if (!(cause instanceof ConfigError)) throw cause;
      for (const problem of cause.problems) problems.add(problem);
      return undefined;
    }
  });
  if (problems.size > 0) throw new ConfigError([...problems]);
  return answers as Answers;
}

/**
 * Fills in the stores of the running `npm start` where the environment names none, and its admin token for a process on
 * the same database: one on another is a system of its own, and must not open to a token that it was not given.
 */
export function withRunningStores(
  env: Environment,
  stores = readRunningStores(),
  token = readCheckoutToken(),
): Environment {
  if (!stores) return env;
  const DATABASE_URL = env.DATABASE_URL || stores.databaseUrl;
  return {
    ...env,
    DATABASE_URL,
    ...redisOf(env, stores),
    ADMIN_TOKENS: env.ADMIN_TOKENS || (DATABASE_URL === stores.databaseUrl ? token : undefined),
  };
}

/** A `REDIS_URL` serves all that the environment does not name. */
function redisOf(env: Environment, { redisUrl, viewsRedisUrl = redisUrl }: RunningStores): Environment {
  if (env.REDIS_URL) return {};
  return {
    QUEUE_REDIS_URL: env.QUEUE_REDIS_URL || redisUrl,
    VIEWS_REDIS_URL: env.VIEWS_REDIS_URL || viewsRedisUrl,
  };
}

/** A whole number within bounds, from text. */
export function wholeNumber(minimum: number, maximum: number) {
  const message = `must be a whole number from ${minimum} to ${maximum}`;
  return z
    .string()
    .regex(/^\d+$/, message)
    .transform(Number)
    .refine((value) => value >= minimum && value <= maximum, message);
}

/** Comma-separated secrets; blanks around them are dropped. */
export const secretList = z
  .string()
  .default('')
  .transform((text) =>
    text
      .split(',')
      .map((secret) => secret.trim())
      .filter((secret) => secret !== ''),
  )
  .refine(
    (secrets) => !secrets.some((secret) => /^["']|["']$/.test(secret)),
    'must hold keys without quotes around them: they would be part of the key',
  );

const noDatabase =
  'is not set, and no `npm start` runs in this checkout whose store could be used. Set DATABASE_URL, or start it first';

/** What every process reads. */
export const commonConfig = {
  NODE_ENV: z.string().default('development'),
  HOST: hostVariable,
  DATABASE_URL: storeUrl(['postgres', 'postgresql'], noDatabase),
  ...redisVariables,
  LOG_LEVEL: z
    .enum(['fatal', 'error', 'warn', 'info', 'debug', 'trace', 'silent'], {
      error: 'must be one of fatal, error, warn, info, debug, trace, silent',
    })
    .default('info'),
};

/** The first parts of our own paths: under such a prefix nothing could tell whether a proxy has taken it off. */
const ownPaths = ['admin', 'api', 'assets', 'docs', 'healthz', 'metrics', 'openapi.json', 'readyz', 'v1'];

/** The prefix under which a proxy serves everything, without a slash at its end: '' or such as '/et'. */
export const basePath = z
  .string()
  .default('/')
  .refine(
    (path) => path === '/' || /^(\/[\w~-][\w.~-]*)+\/?$/.test(path),
    'must be a path such as /et, of letters, digits and the characters . _ ~ -',
  )
  .refine(
    (path) => !ownPaths.includes(path.split('/')[1]!),
    `must not begin as paths of the API do (${ownPaths.join(', ')})`,
  )
  .transform((path) => path.replace(/\/$/, ''));

/** Who may read /metrics: everybody, or those whom an admin route lets in. */
export const metricsConfig = {
  METRICS_AUTH: z.enum(['open', 'admin'], { error: 'must be open or admin' }).default('open'),
  ADMIN_TOKENS: secretList,
};
