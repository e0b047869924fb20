import { mkdirSync, realpathSync, statSync, writeFileSync } from 'node:fs';
import { connect } from 'node:net';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { findRedis, redisAdvice } from '../setup/shared.mjs';
import { checkOwner } from './folder-owner.ts';
import { type Identity, isRoot } from './identity.ts';
import { launchStore, type Store, type StoreOptions } from './launch-store.ts';
import { startOwnProcess } from './own-process.ts';
import { stopLeftover } from './process-record.ts';
import { giveFiles, storeFiles, storePassword } from './store-files.ts';
import { UserError } from './user-error.ts';

/** What a Redis is for, and so how it runs. */
interface Kind {
  /** As messages name it. */
  name: string;
  /** Its file in infra/. */
  config: string;
}

/** Each with a Redis of its own. */
export const redisKinds = {
  lane: { name: 'Redis', config: 'redis.conf' },
  views: { name: 'Redis (views)', config: 'redis-views.conf' },
} as const satisfies Record<string, Kind>;

const endSteps = [{ signal: 'SIGTERM', limitMs: 30_000 }] as const;

/**
 * Starts a Redis (or Valkey) of our own for the fast lane, or for all: what it acknowledged is on disk. With the program of
 * this machine. What an earlier, killed owner left running in `dataDir` is ended before. Throws a UserError that says what
 * to do.
 */
export const startRedis = (options: StoreOptions): Promise<Store> => start(redisKinds.lane, options);

/** The same for views and caches: it keeps nothing. */
export const startViewsRedis = (options: StoreOptions): Promise<Store> => start(redisKinds.views, options);

async function start({ name, config: sharedConfig }: Kind, options: StoreOptions): Promise<Store> {
  const { dataDir, settings = {}, say = () => {} } = options;
  mkdirSync(dataDir, { recursive: true, mode: 0o700 });
  const dir = realpathSync(dataDir);
  const identity = redisIdentity(dir);
  const { record } = storeFiles(dir);
  const config = join(dir, 'redis.conf');
  await stopLeftover(record, { name, mark: config, signal: 'SIGTERM', say });
  const found = findRedis();
  if (found.path === undefined) throw new UserError(redisAdvice(found));
  const { path } = found;
  const password = storePassword(dir);

  const { server, port } = await launchStore({
    name,
    dir,
    options,
    spawn: (onPort, output) => {
      // By a file: a command line, which everybody can read, is no place for a password.
      const own = { ...ownSettings(dir, onPort, password), ...settings };
      writeFileSync(config, configText(sharedConfig, own), { mode: 0o600 });
      giveFiles(dir, identity);
      return startOwnProcess({
        name,
        command: path,
        args: [config],
        recordFile: record,
        endSteps,
        cwd: dir,
        identity,
        output,
      });
    },
    isReady: (onPort) => answers(onPort, password),
  });
  giveFiles(dir, identity);
  return { ...server, port, url: `redis://:${password}@127.0.0.1:${port}` };
}

const ownSettings = (dir: string, port: number, password: string) => ({
  bind: '127.0.0.1',
  port,
  dir,
  requirepass: password,
  // Its command line stays what we started, so that a later start recognises it.
  'set-proc-title': 'no',
});

function configText(name: string, settings: Record<string, string | number>): string {
  const sharedConfig = fileURLToPath(new URL(`../${name}`, import.meta.url));
  const lines = Object.entries(settings).map(([key, value]) => `${key} ${JSON.stringify(String(value))}`);
  return [`include ${JSON.stringify(sharedConfig)}`, ...lines, ''].join('\n');
}

/** As root in a folder of an ordinary user: as that user, so that its files stay that user's. */
export function redisIdentity(dir: string): Identity | undefined {
  if (!isRoot()) return checkOwner(dir);
  const { uid, gid } = statSync(dir);
  return uid === 0 ? undefined : { uid, gid };
}

/** Whether it takes the password and commands; while it reads its data it refuses them. */
async function answers(port: number, password: string): Promise<boolean> {
  const socket = connect({ port, host: '127.0.0.1', timeout: 1_000 });
  let answer = '';
  try {
    socket.write(`AUTH ${password}\r\nPING\r\n`);
    socket.setEncoding('utf8').once('timeout', () => socket.destroy());
    for await (const chunk of socket) {
      answer += chunk;
      if (answer.includes('+PONG')) return true;
      if (answer.includes('-')) return false;
    }
  } catch {
    // Nobody listens yet.
  } finally {
    socket.destroy();
  }
  return false;
}
