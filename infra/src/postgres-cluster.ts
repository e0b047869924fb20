import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, renameSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import type { PostgresHome } from './postgres-home.ts';
import type { PostgresPrograms } from './postgres-programs.ts';
import { giveFiles, storeFiles, storePassword } from './store-files.ts';
import { UserError } from './user-error.ts';

export const databaseName = 'event_tracker';

/** PostgreSQL must not take settings from our environment; it is our settings that count. */
export const postgresEnv = { PATH: process.env.PATH, LC_ALL: 'C', TZ: 'UTC' };

/**
 * Makes a cluster with an empty database in it, unless there is one. It is made beside its place and moved there when
 * it is whole, so that an interruption leaves nothing that could be taken for a cluster.
 */
export async function createCluster(
  home: PostgresHome,
  programs: PostgresPrograms,
  durable: boolean,
): Promise<void> {
  const cluster = join(home.dir, 'cluster');
  if (existsSync(cluster)) return;
  const partial = `${cluster}.partial`;
  rmSync(partial, { recursive: true, force: true });
  storePassword(home.dir);
  giveFiles(home.dir, home.identity);

  // Code point order and the same answers on every system, as far as PostgreSQL's own tables of characters go.
  const locale = ['--encoding=UTF8', '--locale=C', '--locale-provider=builtin', '--builtin-locale=C.UTF-8'];
  const access = ['--username=postgres', '--auth=scram-sha-256', `--pwfile=${storeFiles(home.dir).password}`];
  await run(home, programs.initdb, [
    '-D',
    partial,
    ...locale,
    ...access,
    '--no-instructions',
    ...(durable ? [] : ['--no-sync']),
  ]);
  await run(
    home,
    programs.postgres,
    ['--single', '-D', partial, '-c', `fsync=${durable ? 'on' : 'off'}`, 'postgres'],
    `create database ${databaseName};\n`,
  );
  renameSync(partial, cluster);
}

async function run(
  { dir, identity }: PostgresHome,
  program: string,
  args: string[],
  input = '',
): Promise<void> {
  const child = spawn(program, args, { cwd: dir, env: postgresEnv, ...identity });
  // A program that ends early does not read its input; how it ended says more.
  child.stdin.on('error', () => {});
  child.stdin.end(input);
  const [said, errors, [code, signal]] = await Promise.all([
    text(child.stdout),
    text(child.stderr),
    once(child, 'close'),
  ]);
  if (code === 0 && !/^\S+ \S+ UTC \[\d+\] (ERROR|FATAL)/m.test(errors)) return;
  throw new UserError(
    `PostgreSQL could not make its data folder in ${dir} (${program} ended with ${signal ?? code}):\n\n${`${said}${errors}`.trim()}`,
  );
}
