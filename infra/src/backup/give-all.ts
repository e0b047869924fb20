import { chownSync, readdirSync, statSync } from 'node:fs';
import { join } from 'node:path';
import type { Identity } from '../identity.ts';

/** Root copied these files; they are to be the store's user's. */
export function giveAll(path: string, { uid, gid }: Identity): void {
  chownSync(path, uid, gid);
  if (!statSync(path).isDirectory()) return;
  for (const entry of readdirSync(path, { withFileTypes: true, recursive: true }))
    chownSync(join(entry.parentPath, entry.name), uid, gid);
}
