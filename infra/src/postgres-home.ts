import { spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import {
  chownSync,
  existsSync,
  lstatSync,
  mkdirSync,
  readFileSync,
  readlinkSync,
  realpathSync,
  renameSync,
  rmSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { basename, dirname, join } from 'node:path';
import { checkOwner } from './folder-owner.ts';
import { type Identity, isRoot, mayRun, unprivilegedIdentity } from './identity.ts';
import { sharedFolder } from './shared-folder.ts';
import { UserError } from './user-error.ts';

export interface PostgresHome {
  /** Holds the cluster, its password, its log and its port. Its user can enter and write it. */
  dir: string;
  /** Whom PostgreSQL runs as; undefined = as we do. */
  identity: Identity | undefined;
}

/**
 * Makes `dataDir` a place where PostgreSQL can live. As root, that is a folder of the user it runs as; where that user
 * can't get in (a checkout under /root), `dataDir` becomes a link to a folder under /var/lib/event-tracker.
 */
export function postgresHome(dataDir: string, say: (line: string) => void): PostgresHome {
  mkdirSync(dirname(dataDir), { recursive: true });
  if (isRoot()) settleForeignLink(dataDir);
  if (!isLink(dataDir)) mkdirSync(dataDir, { recursive: true, mode: 0o700 });
  const identity = isRoot() ? ownerOf(dataDir) : checkOwner(dataDir);
  const dir = realpathSync(dataDir);
  if (!identity || letIn(dir, identity)) return { dir, identity };

  if (!isLink(dataDir)) {
    const away = linkAway(dataDir, dataDir);
    say(
      `PostgreSQL's user can't enter this folder, so its data is in ${away}; ${basename(dirname(dataDir))}/${basename(dataDir)} links there.`,
    );
    if (letIn(away, identity)) return { dir: away, identity };
  }
  throw new UserError(
    `PostgreSQL's user (id ${identity.uid}) can't enter ${realpathSync(dataDir)}. Run this as an ordinary user, or set DATABASE_URL.`,
  );
}

/** As root: whoever owns the data already (an ordinary user's checkout, started with sudo), or else a user for stores. */
function ownerOf(dataDir: string): Identity {
  const cluster = join(dataDir, 'cluster');
  const { uid, gid } = statSync(existsSync(cluster) ? cluster : dataDir);
  return uid === 0 ? unprivilegedIdentity() : { uid, gid };
}

function letIn(dir: string, identity: Identity): boolean {
  try {
    chownSync(dir, identity.uid, identity.gid);
  } catch {
    return false; // a file system without owners, or one that does not listen to root
  }
  return mayRun(identity, '/bin/sh', ['-c', 'cd "$1" && test -w .', 'sh', dir]);
}

const isLink = (path: string): boolean =>
  lstatSync(path, { throwIfNoEntry: false })?.isSymbolicLink() ?? false;

const originFile = (away: string): string => join(dirname(away), 'checkout');

function awayFolder(dataDir: string): string {
  const hash = createHash('sha256').update(dataDir).digest('hex').slice(0, 12);
  return join(sharedFolder, hash, basename(dataDir));
}

/**
 * A link that came here with a checkout that was copied or moved. A copy must not open the data of the first; what was
 * moved keeps its data, under the name that belongs to the new place.
 */
function settleForeignLink(dataDir: string): void {
  if (!isLink(dataDir)) return;
  const target = readlinkSync(dataDir);
  if (!existsSync(dataDir)) {
    rmSync(dataDir);
    return;
  }
  if (dirname(dirname(target)) !== sharedFolder || target === awayFolder(dataDir)) return;
  const origin = readFileSync(originFile(target), 'utf8').trim();
  const isCopy = isLink(origin) && readlinkSync(origin) === target;
  rmSync(dataDir);
  if (!isCopy) linkAway(target, dataDir);
}

/** Moves a folder to the place outside that belongs to `dataDir`, and makes `dataDir` a link to it. */
function linkAway(folder: string, dataDir: string): string {
  const away = awayFolder(dataDir);
  mkdirSync(dirname(away), { recursive: true, mode: 0o755 });
  // No link led there, so it belongs to a checkout or a .data that was removed.
  if (existsSync(away)) setAside(away);
  // Not a rename: /var may be another file system.
  const { status, stderr } = spawnSync('mv', [folder, away], { encoding: 'utf8' });
  if (status !== 0) throw new UserError(`${folder} could not be moved to ${away}: ${stderr.trim()}`);
  writeFileSync(originFile(away), `${dataDir}\n`);
  symlinkSync(away, dataDir);
  return away;
}

function setAside(folder: string): void {
  rmSync(`${folder}.old`, { recursive: true, force: true });
  renameSync(folder, `${folder}.old`);
}
