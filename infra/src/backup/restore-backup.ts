import { existsSync, mkdirSync, realpathSync, rmSync } from 'node:fs';
import { basename, dirname, join } from 'node:path';
import { checkoutTokenFile } from '@event-tracker/runtime';
import type { Identity } from '../identity.ts';
import { postgresHome } from '../postgres-home.ts';
import { packagedVersion } from '../postgres-programs.ts';
import { redisIdentity } from '../redis.ts';
import { storeFiles } from '../store-files.ts';
import { storeFolders } from '../stores.ts';
import { UserError } from '../user-error.ts';
import { copyIfThere, eachOf, syncFolder } from './copy-files.ts';
import { giveAll } from './give-all.ts';
import { kept, type Manifest, readManifest } from './manifest.ts';
import { isUnfinished, type Replacement, replaceData } from './replace-data.ts';

export interface Restore {
  dataDir: string;
  /** The backup's folder. */
  from: string;
  /** What is there may be replaced. */
  force: boolean;
  say: (line: string) => void;
  signal: AbortSignal;
}

/** A file or a folder of the backup, and where it goes. */
interface Destination {
  from: string;
  place: string;
  identity: Identity | undefined;
}

/**
 * Makes a backup the data of this checkout. Everything is copied beside its place and compared with what was backed up
 * before anything is touched; what was there is removed last. Throws a UserError that says what to do.
 * Nothing may run on the data: the caller sees to that.
 */
export async function restoreBackup({ dataDir, from, force, say, signal }: Restore): Promise<Manifest> {
  const manifest = readManifest(from);
  await checkMachine(manifest);
  if (!force && !isUnfinished(dataDir)) refuseData(dataDir);

  const folders = storeFolders(dataDir);
  mkdirSync(folders.redis, { recursive: true, mode: 0o700 });
  const postgres = postgresHome(folders.postgres, say);
  const redisDir = realpathSync(folders.redis);
  const destinations: Destination[] = [
    { from: kept.cluster, place: join(postgres.dir, 'cluster'), identity: postgres.identity },
    { from: kept.password, place: storeFiles(postgres.dir).password, identity: postgres.identity },
    { from: kept.appendOnly, place: join(redisDir, 'appendonlydir'), identity: redisIdentity(redisDir) },
    { from: kept.adminToken, place: join(dataDir, basename(checkoutTokenFile)), identity: undefined },
  ];
  const staged: Replacement[] = [];
  try {
    for (const destination of destinations) {
      const replacement = { staged: `${destination.place}.restored`, place: destination.place };
      staged.push(replacement);
      rmSync(replacement.staged, { recursive: true, force: true });
      await stage(manifest, from, destination, replacement.staged, signal);
    }
    await replaceData(
      dataDir,
      staged.filter((replacement) => existsSync(replacement.staged)),
    );
    return manifest;
  } finally {
    for (const replacement of staged) rmSync(replacement.staged, { recursive: true, force: true });
  }
}

/** Copies what belongs to a destination; nothing when the backup has none of it. */
async function stage(
  manifest: Manifest,
  folder: string,
  { from, identity }: Destination,
  target: string,
  signal: AbortSignal,
): Promise<void> {
  const isInside = (path: string) => path === from || path.startsWith(`${from}/`);
  const placed = (path: string) => join(target, path.slice(from.length));
  const folders = manifest.folders.filter(isInside);
  for (const path of folders) mkdirSync(placed(path), { recursive: true, mode: 0o700 });
  await eachOf(
    manifest.files.filter(({ path }) => isInside(path)),
    async ({ path, bytes, sha256 }) => {
      signal.throwIfAborted();
      const copied = await copyIfThere(join(folder, path), placed(path));
      if (copied?.bytes === bytes && copied.sha256 === sha256) return;
      const what = copied ? 'is not what was backed up' : 'is missing';
      throw new UserError(`${join(folder, path)} ${what}: this backup is damaged, and nothing was restored.`);
    },
  );
  if (!existsSync(target)) return;
  for (const path of folders) await syncFolder(placed(path));
  await syncFolder(dirname(target));
  if (identity) giveAll(target, identity);
}

/** PostgreSQL's files are those of one major version and one kind of machine. */
async function checkMachine({ platform, arch, postgres }: Manifest): Promise<void> {
  if (platform !== process.platform || arch !== process.arch) {
    throw new UserError(
      `This backup is of ${platform}-${arch}, and its files can't be used on ${process.platform}-${process.arch}.`,
    );
  }
  const version = await packagedVersion();
  const major = (text: string) => text.split('.')[0];
  if (major(version) === major(postgres.version)) return;
  throw new UserError(
    `This backup is of PostgreSQL ${postgres.version}, and this checkout has ${version}: restore it in a checkout of the version that it was made by.`,
  );
}

function refuseData(dataDir: string): void {
  const { postgres, redis } = storeFolders(dataDir);
  const found = [join(postgres, 'cluster'), join(redis, 'appendonlydir')].filter(existsSync);
  if (found.length === 0) return;
  throw new UserError(
    `There is data already: ${found.join(', ')}. To replace it by the backup: npm run restore -- DIR --force.`,
  );
}
