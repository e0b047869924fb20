import { type Closers, localUrl } from '@event-tracker/runtime';
import { startProgress } from '../setup/shared.mjs';
import { addresses, adminLinks } from './addresses.ts';
import { ownAdminToken } from './admin-token.ts';
import { startApp, untilReady } from './apps.ts';
import { refuseUnfinished } from './backup/replace-data.ts';
import { checkConfiguration } from './check-configuration.ts';
import { endLeftovers } from './leftovers.ts';
import { chooseListeners } from './listeners.ts';
import { announceStores } from './running-file.ts';
import { updateSchema } from './schema.ts';
import { startOwnPostgres, startOwnRedis, startOwnViewsRedis } from './stores.ts';
import { watchOver } from './watch-over.ts';

export interface System {
  root: string;
  dataDir: string;
  env: NodeJS.ProcessEnv;
  /** Everything that was started is on it, also after a throw. */
  closers: Closers;
  signal: AbortSignal;
}

/**
 * Starts everything, says where it is and stays until `signal` (then it throws its reason) or until a process ends by
 * itself (then it throws a UserError that names it). It ends nothing: the stack of closers does.
 */
export async function startSystem({ root, dataDir, env, closers, signal }: System): Promise<never> {
  const began = performance.now();
  const config = await checkConfiguration(root, env);
  refuseUnfinished(dataDir);
  await endLeftovers(root, dataDir);
  const ports = await chooseListeners(config);
  const { own, untilEnd } = watchOver(closers, signal);

  const databaseUrl = config.DATABASE_URL ?? own(await startOwnPostgres(dataDir, signal)).url;
  signal.throwIfAborted();
  const redisUrl =
    config.QUEUE_REDIS_URL ?? config.REDIS_URL ?? own(await startOwnRedis(dataDir, signal)).url;
  signal.throwIfAborted();
  const viewsRedisUrl =
    config.VIEWS_REDIS_URL ?? config.REDIS_URL ?? own(await startOwnViewsRedis(dataDir, signal)).url;
  await Promise.race([updateSchema(databaseUrl, signal), untilEnd]);

  const apiUrl = localUrl(config.HOST, ports.PORT);
  // Tokens that the owner has set are theirs to know: they are not printed.
  const token = config.ADMIN_TOKENS.length === 0 ? ownAdminToken() : undefined;
  const workerUrl = localUrl(config.HOST, ports.WORKER_PORT);
  closers.add(
    'running.json',
    announceStores({ pid: process.pid, databaseUrl, redisUrl, viewsRedisUrl, apiUrl }),
  );
  const appEnv = {
    // No balancer has to see that it ends.
    DRAIN_DELAY_MS: '0',
    ...env,
    DATABASE_URL: databaseUrl,
    QUEUE_REDIS_URL: redisUrl,
    VIEWS_REDIS_URL: viewsRedisUrl,
    HOST: config.HOST,
    PORT: String(ports.PORT),
    WORKER_PORT: String(ports.WORKER_PORT),
    ...(token !== undefined && { ADMIN_TOKENS: token }),
  };
  // The API is on top of the stack: it ends first, so that nothing arrives while the worker drains.
  const worker = own(await startApp('worker', { root, dataDir, env: appEnv }));
  const api = own(await startApp('api', { root, dataDir, env: appEnv }));
  await showing('Waiting for the API and the worker', [
    untilReady(api.name, apiUrl, signal),
    untilReady(worker.name, workerUrl, signal),
    untilEnd,
  ]);

  const seconds = ((performance.now() - began) / 1000).toFixed(1);
  const pagesUrl = `${apiUrl}${config.BASE_PATH}`;
  console.log(`\nEvent Tracker is ready, after ${seconds} s.\n\n${addresses(pagesUrl)}\n`);
  if (token !== undefined)
    console.log(`Signed in as admin, for nobody but you:\n\n${adminLinks(pagesUrl, token)}\n`);
  console.log('Ctrl-C ends it.\n');
  return untilEnd;
}

async function showing(
  label: string,
  [api, worker, untilEnd]: [Promise<void>, Promise<void>, Promise<never>],
): Promise<void> {
  const progress = startProgress(label, { lines: true });
  try {
    await Promise.race([Promise.all([api, worker]), untilEnd]);
  } finally {
    progress.end();
  }
}
