import { migrate } from '@event-tracker/storage/migrate';
import { startApi, startWorker, type TestProcess } from '@event-tracker/testing';

/** The product as a checkout has it: its processes can be started on the stores of a part. */
export interface System {
  /** `this`, or the commit. */
  name: string;
  migrate(databaseUrl: string): Promise<void>;
  startApi(env: Environment): Promise<TestProcess>;
  startWorker(env: Environment): Promise<TestProcess>;
}

type Environment = Readonly<Record<string, string>>;

/** What every process of a measurement is started with. A commit of before has the fast lane's Redis for all. */
export function environment(
  databaseUrl: string,
  { redisUrl, viewsRedisUrl }: { redisUrl: string; viewsRedisUrl: string },
): Record<string, string> {
  return {
    DATABASE_URL: databaseUrl,
    REDIS_URL: redisUrl,
    VIEWS_REDIS_URL: viewsRedisUrl,
    NODE_ENV: 'production',
  };
}

export const thisSystem: System = {
  name: 'this',
  migrate: async (databaseUrl) => void (await migrate(databaseUrl)),
  ...processesOf(),
};

/** @param root the folder of another checkout */
export function processesOf(root?: string): Pick<System, 'startApi' | 'startWorker'> {
  return {
    startApi: (env) => startApi(env, undefined, root),
    startWorker: (env) => startWorker(env, undefined, root),
  };
}
