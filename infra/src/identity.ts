import { execFileSync, spawnSync } from 'node:child_process';
import { UserError } from './user-error.ts';

/** A user to run a store as. */
export interface Identity {
  uid: number;
  gid: number;
}

const ownUser = 'event-tracker';

export const isRoot = (): boolean => process.geteuid?.() === 0;

/**
 * Whom a program runs as when root starts it and it refuses root, as PostgreSQL does: a user that is there for such a purpose, or one
 * that is made for it. Throws a UserError when there can be none.
 */
export function unprivilegedIdentity(): Identity {
  const found = lookUp(ownUser) ?? lookUp('postgres') ?? createUser() ?? lookUp('nobody');
  if (!found) {
    throw new UserError(
      'PostgreSQL does not run as root, and no other user could be made. Run this as an ordinary user, or set DATABASE_URL.',
    );
  }
  return found;
}

/** Whether that user could do what the shell script says, e.g. enter a folder: asks the system, so ACLs count, too. */
export function mayRun(identity: Identity, command: string, args: readonly string[]): boolean {
  const { status } = spawnSync(command, args, { ...identity, cwd: '/', stdio: 'ignore', timeout: 10_000 });
  return status === 0;
}

function lookUp(user: string): Identity | undefined {
  const ask = (flag: string) =>
    Number(
      execFileSync('id', [flag, user], {
        encoding: 'utf8',
        stdio: ['ignore', 'pipe', 'ignore'],
        timeout: 10_000,
      }),
    );
  try {
    return { uid: ask('-u'), gid: ask('-g') };
  } catch {
    return undefined;
  }
}

function createUser(): Identity | undefined {
  const options = [
    '--system',
    '--user-group',
    '--no-create-home',
    '--home-dir',
    '/nonexistent',
    '--shell',
    '/usr/sbin/nologin',
  ];
  spawnSync('useradd', [...options, ownUser], { stdio: 'ignore', timeout: 30_000 });
  return lookUp(ownUser);
}
