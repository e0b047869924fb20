import {
  createTestDatabase,
  startApi,
  startTestRedis,
  startTestViewsRedis,
  startWorker,
  type TestProcess,
  type TestStore,
  until,
  untilReady,
} from '@event-tracker/testing';

/** An API, and a worker where it is asked for, on a database and a Redis of their own. */
export interface Tracker {
  /** Of the API, such as http://127.0.0.1:41234. */
  url: string;
  api: TestProcess;
  /** Of the fast lane, and of all else where nothing is apart. */
  redis: TestStore;
  /** Of views and caches; the same as `redis` unless they are `apart`. */
  viewsRedis: TestStore;
  databaseUrl: string;
  /** Another API on the same stores; `stop` ends it, too. */
  addApi(env?: Record<string, string>): Promise<TestProcess>;
  addWorker(env?: Record<string, string>): Promise<TestProcess>;
  stop(): Promise<void>;
}

/**
 * Starts them, and waits until they are ready unless `ready` is false. With a worker the views are fresh, too. A
 * `databaseUrl` of the caller's is taken in place of a database that is made. `apart`: views and caches have a Redis of
 * their own, as with `npm start`; else there is one for all.
 */
export async function startTracker({
  env = {},
  redisSettings = {},
  worker = false,
  ready = true,
  apart = false,
  databaseUrl,
}: {
  env?: Record<string, string>;
  redisSettings?: Record<string, string>;
  worker?: boolean;
  ready?: boolean;
  apart?: boolean;
  databaseUrl?: string;
} = {}): Promise<Tracker> {
  const closers: (() => unknown)[] = [];
  async function stop(): Promise<void> {
    for (const close of closers.splice(0).reverse()) await close();
  }
  async function add(starting: Promise<TestProcess>): Promise<TestProcess> {
    const process = await starting;
    closers.push(() => process.stop());
    if (ready) await untilReady(process);
    return process;
  }
  try {
    const database = databaseUrl === undefined ? await createTestDatabase() : { url: databaseUrl, drop() {} };
    closers.push(() => database.drop());
    const redis = await startTestRedis(redisSettings);
    closers.push(() => redis.stop());
    const viewsRedis = apart ? await startTestViewsRedis() : redis;
    closers.push(() => viewsRedis !== redis && viewsRedis.stop());
    const stores = {
      DATABASE_URL: database.url,
      REDIS_URL: redis.url,
      ...(apart && { VIEWS_REDIS_URL: viewsRedis.url }),
    };
    const addApi = (own: Record<string, string> = {}) => add(startApi({ ...stores, ...env, ...own }));
    const addWorker = (own: Record<string, string> = {}) => add(startWorker({ ...stores, ...env, ...own }));
    const [api] = await Promise.all([addApi(), worker ? addWorker() : undefined]);
    if (worker) await untilViewsAreFresh(api.url);
    return { url: api.url, api, redis, viewsRedis, databaseUrl: database.url, addApi, addWorker, stop };
  } catch (cause) {
    await stop();
    throw cause;
  }
}

/** Statistics come from Redis from then on. */
export async function untilViewsAreFresh(url: string): Promise<void> {
  await until(
    async () => {
      const response = await fetch(`${url}/api/statistics?eventType=CLICK&componentId=1`);
      await response.text();
      return response.headers.get('x-served-by') === 'redis';
    },
    { what: 'fresh views' },
  );
}
