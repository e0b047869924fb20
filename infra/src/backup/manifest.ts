import { readFileSync } from 'node:fs';
import { rename } from 'node:fs/promises';
import { join } from 'node:path';
import { z } from 'zod';
import { UserError } from '../user-error.ts';
import { syncFolder, writeKept } from './copy-files.ts';

/** Where what lies in a backup. */
export const kept = {
  cluster: 'postgres/cluster',
  password: 'postgres/password',
  appendOnly: 'redis/appendonlydir',
  adminToken: 'admin-token',
} as const;

/** Raised when a backup is laid out otherwise. */
const format = 1;
const fileName = 'backup.json';

/** A path below the backup's folder, and never out of it. */
const path = z.string().regex(/^(?!\.{0,2}(\/|$))(?!.*\/\.{0,2}(\/|$))/);

const manifestSchema = z.object({
  format: z.literal(format),
  createdAt: z.iso.datetime(),
  platform: z.string(),
  arch: z.string(),
  /** `lsn`: where in its log the copy ends. */
  postgres: z.object({ version: z.string(), lsn: z.string() }),
  redis: z.object({ version: z.string() }),
  folders: z.array(path),
  files: z.array(z.object({ path, bytes: z.int().nonnegative(), sha256: z.string() })),
});

export type Manifest = z.infer<typeof manifestSchema>;

/** Written last, in one step: a folder without it is no backup. */
export async function writeManifest(folder: string, manifest: Omit<Manifest, 'format'>): Promise<void> {
  const partial = `${fileName}.partial`;
  await writeKept(folder, partial, `${JSON.stringify({ format, ...manifest }, null, 1)}\n`);
  await syncFolder(folder);
  await rename(join(folder, partial), join(folder, fileName));
  await syncFolder(folder);
}

/** Throws a UserError when the folder holds no backup, or one that this version can't read. */
export function readManifest(folder: string): Manifest {
  let text: string;
  try {
    text = readFileSync(join(folder, fileName), 'utf8');
  } catch (cause) {
    throw new UserError(
      `${folder} holds no whole backup: there is no ${fileName} (${(cause as NodeJS.ErrnoException).code}).`,
    );
  }
  const parsed = manifestSchema.safeParse(parseJson(text));
  if (parsed.success) return parsed.data;
  throw new UserError(
    `${join(folder, fileName)} is damaged, or was written by another version: ${parsed.error.issues[0]?.path.join('.') || 'it'} is not as expected.`,
  );
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
