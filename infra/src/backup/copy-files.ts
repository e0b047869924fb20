import { createHash } from 'node:crypto';
import { type FileHandle, mkdir, open } from 'node:fs/promises';
import { dirname, join } from 'node:path';

/** A file of a backup: its path below the backup's folder, with `/` on every system. */
export interface KeptFile {
  path: string;
  bytes: number;
  sha256: string;
}

const chunkBytes = 1_048_576;

/**
 * Copies the first `bytes` of an open file (all of it, by default) to a new file of this user alone, and has the disk
 * keep it. Answers what was written.
 */
export async function copyOpenFile(
  from: FileHandle,
  to: string,
  bytes = Number.POSITIVE_INFINITY,
): Promise<Omit<KeptFile, 'path'>> {
  await mkdir(dirname(to), { recursive: true, mode: 0o700 });
  const hash = createHash('sha256');
  const buffer = Buffer.allocUnsafe(chunkBytes);
  const target = await open(to, 'wx', 0o600);
  let position = 0;
  try {
    while (position < bytes) {
      const length = Math.min(chunkBytes, bytes - position);
      const { bytesRead } = await from.read(buffer, 0, length, position);
      if (bytesRead === 0) break;
      const chunk = buffer.subarray(0, bytesRead);
      hash.update(chunk);
      await target.writeFile(chunk);
      position += bytesRead;
    }
    await target.sync();
  } finally {
    await target.close();
  }
  return { bytes: position, sha256: hash.digest('hex') };
}

/** As copyOpenFile; undefined when the file is gone. */
export async function copyIfThere(
  from: string,
  to: string,
  bytes?: number,
): Promise<Omit<KeptFile, 'path'> | undefined> {
  let source: FileHandle;
  try {
    source = await open(from, 'r');
  } catch (cause) {
    if ((cause as NodeJS.ErrnoException).code === 'ENOENT') return undefined;
    throw cause;
  }
  try {
    return await copyOpenFile(source, to, bytes);
  } finally {
    await source.close();
  }
}

/** Writes a small file of this user alone, which the disk keeps. */
export async function writeKept(folder: string, path: string, content: Buffer | string): Promise<KeptFile> {
  await mkdir(dirname(join(folder, path)), { recursive: true, mode: 0o700 });
  const file = await open(join(folder, path), 'w', 0o600);
  try {
    await file.writeFile(content);
    await file.sync();
  } finally {
    await file.close();
  }
  const data = Buffer.from(content);
  return { path, bytes: data.length, sha256: createHash('sha256').update(data).digest('hex') };
}

/** Has the disk keep the names in a folder: without it a file that is on disk may not be found after a loss of power. */
export async function syncFolder(folder: string): Promise<void> {
  const handle = await open(folder, 'r');
  try {
    await handle.sync();
  } finally {
    await handle.close();
  }
}

/**
 * Runs `work` on all, a few at a time: each waits for the disk most of the time. After a failure none is begun, and what is
 * under way has ended when it throws.
 */
export async function eachOf<T>(items: readonly T[], work: (item: T) => Promise<void>): Promise<void> {
  const queue = items.values();
  const failures: unknown[] = [];
  const line = async () => {
    for (const item of queue) {
      if (failures.length > 0) return;
      await work(item).catch((cause) => failures.push(cause));
    }
  };
  await Promise.all(Array.from({ length: 8 }, line));
  if (failures.length > 0) throw failures[0];
}
