import { readFileSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { commandLine } from '../setup/shared.mjs';
import { launchStore, type Store, type StoreOptions } from './launch-store.ts';
import { startOwnProcess } from './own-process.ts';
import { createCluster, databaseName, postgresEnv } from './postgres-cluster.ts';
import { postgresHome } from './postgres-home.ts';
import { postgresPrograms } from './postgres-programs.ts';
import { endLeftover, stopLeftover } from './process-record.ts';
import { giveFiles, storeFiles, storePassword } from './store-files.ts';

const name = 'PostgreSQL';

const baseSettings = {
  listen_addresses: '127.0.0.1',
  // The path of a socket in a deep checkout can be longer than systems allow; TCP is enough.
  unix_socket_directories: '',
  max_connections: 250,
  timezone: 'UTC',
  log_timezone: 'UTC',
  log_checkpoints: 'off',
  // Short statements on few rows: compiling them costs more than it saves.
  jit: 'off',
};

/** SIGINT: sessions are cut off, everything is written; SIGQUIT: leave at once and recover at the next start. */
const endSteps = [
  { signal: 'SIGINT', limitMs: 30_000 },
  { signal: 'SIGQUIT', limitMs: 5_000 },
] as const;

/**
 * Starts a PostgreSQL of our own from the npm package, making its cluster (UTF-8, code point order) and the database
 * `event_tracker` on first use. What an earlier, killed owner left running in `dataDir` is ended before.
 * Throws a UserError that says what to do.
 */
export async function startPostgres(options: StoreOptions): Promise<Store> {
  const { dataDir, settings = {}, say = () => {} } = options;
  const home = postgresHome(dataDir, say);
  const { dir, identity } = home;
  const cluster = join(dir, 'cluster');
  const { record } = storeFiles(dir);
  await stopLeftover(record, { name, mark: cluster, signal: 'SIGINT', say });
  await clearPidFile(cluster, say);
  const programs = await postgresPrograms(identity, say);
  await createCluster(home, programs, settings.fsync !== 'off');

  const flags = Object.entries({ ...baseSettings, ...settings }).flatMap(([key, value]) => [
    '-c',
    `${key}=${value}`,
  ]);
  const { server, port } = await launchStore({
    name,
    dir,
    options,
    spawn: (onPort, output) =>
      startOwnProcess({
        name,
        command: programs.postgres,
        args: ['-D', cluster, '-p', String(onPort), ...flags],
        recordFile: record,
        endSteps,
        cwd: dir,
        env: postgresEnv,
        identity,
        output,
      }),
    isReady: async (_port, pid) => isReady(cluster, pid),
  });
  giveFiles(dir, identity);
  return {
    ...server,
    port,
    url: `postgres://postgres:${storePassword(dir)}@127.0.0.1:${port}/${databaseName}`,
  };
}

/** PostgreSQL writes the process id into the first line and its state into the eighth. */
function pidFile(cluster: string): { pid: number; state: string } | undefined {
  try {
    const lines = readFileSync(join(cluster, 'postmaster.pid'), 'utf8').split('\n');
    return { pid: Number(lines[0]), state: lines[7]?.trim() ?? '' };
  } catch {
    return undefined;
  }
}

function isReady(cluster: string, pid: number): boolean {
  const file = pidFile(cluster);
  return file?.pid === pid && file.state === 'ready';
}

/**
 * After a crash or a restart of the machine the id in the file can be another program's, and PostgreSQL would refuse to
 * start because of it. It has a second lock in shared memory, so that removing the file here risks nothing.
 */
async function clearPidFile(cluster: string, say: (line: string) => void): Promise<void> {
  const pid = pidFile(cluster)?.pid;
  if (pid === undefined) return;
  if (commandLine(pid)?.includes(cluster)) await endLeftover(pid, { name, signal: 'SIGINT', say });
  rmSync(join(cluster, 'postmaster.pid'), { force: true });
}
