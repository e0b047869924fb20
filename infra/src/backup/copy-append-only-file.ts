import { type FileHandle, open, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { Redis } from '@event-tracker/storage';
import { copyOpenFile, type KeptFile, writeKept } from './copy-files.ts';

/** The append-only file as it is at one moment: open files, and how much of each belongs to it. */
export interface HeldAppendOnlyFile {
  copy(target: string, name: string): Promise<KeptFile[]>;
  close(): Promise<void>;
}

/** Where Redis keeps it. */
export interface AppendOnlyFolder {
  folder: string;
  manifest: string;
}

interface Part {
  name: string;
  handle: FileHandle;
  bytes: number;
}

export async function findAppendOnlyFile(redis: Redis): Promise<AppendOnlyFolder> {
  const setting = async (name: string) => ((await redis.config('GET', name)) as string[])[1]!;
  const folder = join(await setting('dir'), await setting('appenddirname'));
  return { folder, manifest: `${await setting('appendfilename')}.manifest` };
}

/**
 * Holds the append-only file as it stands, for a copy later on. Its parts are only ever appended to, and one that a
 * rewrite of Redis removes stays readable while it is open, so that a moment is enough.
 */
export async function holdAppendOnlyFile({
  folder,
  manifest,
}: AppendOnlyFolder): Promise<HeldAppendOnlyFile> {
  for (;;) {
    const text = await readFile(join(folder, manifest), 'utf8');
    const parts = await openParts(folder, text);
    const close = async () => {
      for (const { handle } of parts ?? []) await handle.close();
    };
    // A rewrite that ended in between has other parts.
    if (!parts || (await readFile(join(folder, manifest), 'utf8')) !== text) {
      await close();
      continue;
    }
    return {
      close,
      async copy(target, name) {
        const files = [await writeKept(target, `${name}/${manifest}`, withoutHistory(text))];
        for (const { name: part, handle, bytes } of parts)
          files.push({
            path: `${name}/${part}`,
            ...(await copyOpenFile(handle, join(target, name, part), bytes)),
          });
        return files;
      },
    };
  }
}

/** Undefined when one of them is gone already. */
async function openParts(folder: string, manifest: string): Promise<Part[] | undefined> {
  const parts: Part[] = [];
  for (const [, name = ''] of withoutHistory(manifest).matchAll(/^file (\S+) /gm)) {
    try {
      const handle = await open(join(folder, name), 'r');
      parts.push({ name, handle, bytes: (await handle.stat()).size });
    } catch (cause) {
      for (const { handle } of parts) await handle.close();
      if ((cause as NodeJS.ErrnoException).code === 'ENOENT') return undefined;
      throw cause;
    }
  }
  return parts;
}

/** Without the lines of files that Redis is about to remove (type h). */
const withoutHistory = (manifest: string) => manifest.replace(/^file .* type h\b.*\n?/gm, '');
